"""The page and the summary that say why an audit failed. Data of strangers stays data."""

import uuid
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from expectations.audit import Audit
from expectations.checks.result import CheckResult
from expectations.page import draw, write_page
from expectations.summary import summary
from tests.support.strangers import EVIL, SHOWN, acting

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
SOUND = CheckResult("sessions", "ends_after_it_starts", "No session ends before it starts", passed=True)
BROKEN = CheckResult(
    "daily_stats",
    "volume_is_usual",
    "A whole day has the usual number of sessions",
    passed=False,
    observed="1 row",
    failing_rows=[{"site_id": "shop", "event_date": "2026-11-10", "session_count": 3, "median": None}],
)


def audit_of(*results, audit_id=7):
    return Audit(
        audit_id=audit_id,
        candidate_id=uuid.UUID(int=1),
        first_date=date(2026, 11, 9),
        last_date=date(2026, 11, 10),
        audited_at=datetime(2026, 11, 11, 2, 30, tzinfo=UTC),
        passed=all(result.passed for result in results),
        results=results,
    )


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.opened, self.attributes, self.text = [], set(), ""

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def parse(page):
    tags = Tags()
    tags.feed(page)
    return tags


def test_a_failure_comes_before_what_passed_with_its_reason_and_rows():
    text = parse(draw(audit_of(SOUND, BROKEN))).text
    order = ["Held back", "1 of 2 checks failed", BROKEN.claim, "1 row", "2026-11-10", SOUND.claim]
    positions = [text.index(part, text.index("What failed") if part == "2026-11-10" else 0) for part in order]
    assert positions == sorted(positions)


def test_a_pass_says_so_and_lists_every_check():
    text = parse(draw(audit_of(SOUND))).text
    assert "Fit to publish" in text
    assert SOUND.claim in text
    assert "What failed" not in text


def test_hostile_text_is_escaped_wherever_it_appears():
    hostile = CheckResult(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        passed=False,
        error=HOSTILE,
        failing_rows=[{HOSTILE: HOSTILE}, {"n": [HOSTILE]}],
    )
    also = CheckResult(HOSTILE, HOSTILE, HOSTILE, passed=True)
    tags = parse(draw(audit_of(hostile, also)))
    assert "script" not in tags.opened
    assert "img" not in tags.opened
    assert "onerror" not in tags.attributes
    assert tags.text.count(HOSTILE) >= 6


def test_the_page_fetches_nothing():
    page = draw(audit_of(SOUND, BROKEN))
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src 'none'" in page
    assert not {"src", "href"} & parse(page).attributes


def test_many_rows_are_folded_away_but_all_there():
    rows = [{"row": f"row-{number}"} for number in range(20)]
    page = draw(audit_of(CheckResult("m", "n", "c", passed=False, observed="20 rows", failing_rows=rows)))
    assert all(f"row-{number}<" in page for number in range(20))
    assert "<summary>15 more</summary>" in page


def test_the_latest_page_is_the_newest_and_older_ones_stay(tmp_path):
    folder = tmp_path / "checks"
    first = write_page(folder, audit_of(SOUND, audit_id=1))
    second = write_page(folder, audit_of(BROKEN, audit_id=2))
    assert "Fit to publish" in first.read_text()
    assert (folder / "latest.html").read_text() == second.read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["1.html", "2.html", "latest.html"]


def test_a_failure_fits_a_terminal_of_24_lines():
    rows = [{"site_id": "shop", "text": "x" * 500}] * 20
    failed = [
        CheckResult("m", f"check_{n}", "claim", passed=False, error="e" * 500, failing_rows=rows) for n in range(70)
    ]
    lines = summary(failed).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 110
    assert lines[0] == "70 of 70 checks failed; nothing was published."
    assert "66 more" in lines[-1]


def test_a_summary_shows_reason_and_row():
    text = summary([SOUND, BROKEN])
    assert "daily_stats: A whole day has the usual number of sessions" in text
    assert "1 row" in text
    assert "site_id=shop  event_date=2026-11-10  session_count=3  median=null" in text
    assert "ends_after" not in text


def test_a_summary_of_nothing_is_no_pass():
    assert summary([]) == "No checks were carried out."
    assert summary([SOUND]) == "All 1 checks passed."


def test_what_a_terminal_would_obey_is_shown_and_not_sent():
    rows = [{"title": "\x1b[2Jred\r\n\u202egnp"}]
    text = summary([CheckResult("m", "n", "c", passed=False, observed="1 row", failing_rows=rows)])
    assert r"\x1b[2Jred\r\n\u202egnp" in text
    assert text.replace("\n", "").isprintable()


def test_what_acts_or_is_not_seen_is_shown_on_the_page_and_in_the_summary():
    failed = CheckResult("m", "n", EVIL, passed=False, error=EVIL, failing_rows=[{EVIL: EVIL}, {"n": [EVIL]}])
    assert acting(draw(audit_of(failed))) == acting(summary([failed])) == set()
    assert SHOWN in draw(audit_of(failed))
