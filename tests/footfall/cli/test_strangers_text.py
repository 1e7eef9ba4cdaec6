"""Whatever strangers post, a person who asks sees text: every command is walked over a site full of hostile text."""

import ast
import json
import re
from functools import partial
from urllib.parse import quote

import pytest

from footfall.answers.questions import questions
from footfall.pipeline import night
from runtime.settings import PROJECT
from tests.support.command import commands, walk
from tests.support.events import Landing, event
from tests.support.marts.history import SHOP, happening
from tests.support.strangers import DIRECTION, EVIL, LINES, MARKUP, TERMINAL, acting

pytestmark = pytest.mark.xdist_group("strangers")

ID = "[/b]:smile:\x1b]0;x\x07\x9b2J\u202e\u200b\u2028\r\n"
"""As long as a user id or a device id of it may be beside the name."""
COMMANDS = PROJECT / "footfall" / "cli"
SAYS_NOTHING_OF_STRANGERS = {
    **dict.fromkeys(("footfall up", "footfall down", "footfall serve", "footfall run"), "addresses of our processes"),
    **dict.fromkeys((f"footfall service {each}" for each in ("install", "status", "remove")), "our own texts"),
    **dict.fromkeys(("footfall demo", "footfall simulate"), "our own made-up traffic"),
    **dict.fromkeys(("footfall site add", "footfall site set", "footfall site remove"), "what was typed, and counts"),
    **dict.fromkeys(("footfall site rotate-key", "footfall site revoke-key", "footfall site analyst"), "keys"),
    **dict.fromkeys((f"footfall token {each}" for each in ("add", "list", "limit", "revoke")), "what was typed"),
    **dict.fromkeys(("footfall property add", "footfall property list", "footfall property remove"), "what was typed"),
    **dict.fromkeys((f"footfall goal {each}" for each in ("add", "list", "remove")), "what was typed"),
    **dict.fromkeys((f"footfall funnel {each}" for each in ("add", "list", "remove")), "what was typed"),
    **dict.fromkeys(
        (f"footfall alarm {each}" for each in ("list", "add", "remove", "silence", "test")), "our own texts"
    ),
    **dict.fromkeys(("footfall retention set", "footfall person readmit"), "what was typed"),
    **dict.fromkeys(("footfall superset up", "footfall superset bundle"), "our own texts, and what was typed"),
    "footfall restore": "counts",
    "footfall report": "names of its files; the page itself is tried in tests/serving/report",
    "footfall export": "a file for programs, exact; with --for-spreadsheet escaped as `ask` is",
    **dict.fromkeys(("footfall docs", "footfall dbt-package"), "models and columns, no rows"),
    "footfall metrics env": "lines for a shell, of our settings; what mf itself prints then is MetricFlow's",
    "footfall mcp": "messages for programs, escaped as tests/published/serving/mcp says",
    "footfall psql": "psql's own output, as docs/security.md says",
}
"""Commands that are not walked, and why."""


def hostile(value):
    """The same with hostile text at every place that takes text, and what the figures hang on left alone."""
    if isinstance(value, dict):
        return {key: hostile(each) for key, each in value.items()} | {EVIL[:60]: EVIL}
    return value + EVIL if isinstance(value, str) else value


def spoilt(fields):
    """An event of the history as an attacker sends it."""
    kept = ("currency", "reason", "checkout_id", "order_id", "booking_id", "amount", "total_amount")
    properties = fields.get("properties", {})
    tags = "&".join(f"utm_{name}={quote(EVIL)}" for name in ("source", "medium", "campaign", "term", "content"))
    return fields | {
        "page_url": f"https://shop.example/a{MARKUP}{TERMINAL}{DIRECTION}{LINES}?{tags}",
        "referrer": f"https://evil.example/{EVIL}",
        "page_title": EVIL,
        "page_identifier": EVIL,
        "anonymous_id": fields["anonymous_id"] + ID,
        "event_id": fields["event_id"] + ID[:30],
        "session_id": ID,
        "properties": hostile({k: v for k, v in properties.items() if k not in kept})
        | {k: v for k, v in properties.items() if k in kept},
        **({"user_id": fields["user_id"] + ID} if "user_id" in fields else {}),
    }


@pytest.fixture(scope="module")
def site(anew):
    """A site whose every event is hostile, published."""
    with anew({"shop": "UTC"}) as installation:
        landing = Landing(installation.settings.landing)
        landing.land(*map(spoilt, SHOP), spoilt(event("2026-11-03 10:30", name="evil_event", event_id="own")))
        night.nightly(installation, say=lambda line: None)
        landing.land(*map(spoilt, happening()))
        night.load(installation)
        yield installation


@pytest.fixture
def run(site):
    return partial(walk, site)


def assert_text(printed):
    assert acting(printed) == set(), printed
    assert "Traceback" not in printed, printed


def test_no_question_fails_or_lets_through_what_acts(run):
    names = list(questions())
    answers = dict(zip(names, run(*(["ask", name, "--days", "0"] for name in names)), strict=True))
    for answer in answers.values():
        assert_text(answer)
        assert answer.startswith(("0 ", "None "))
    quoting = {name for name, answer in answers.items() if r"\x1b]" in "".join(answer.split())}
    assert quoting >= {"popular_pages", "traffic_sources", "most_active_users", "recent_sessions", "payment_errors"}
    assert "[/b]" in answers["popular_pages"]
    assert ":smile:" in answers["popular_pages"]


def test_in_a_terminal_only_our_own_colours_are_left(run):
    for printed in run(
        *(["ask", name] for name in ("popular_pages", "most_active_users")), FORCE_COLOR="1", NO_COLOR=""
    ):
        assert "\x1b[1m" in printed
        assert_text(re.sub(r"\x1b\[[0-9;]*m", "", printed))


def test_every_other_command_shows_text_as_text(site, run, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    evil_name = "h\x1b]0;x\x07\u202e[b].ndjson"
    (folder / evil_name).write_text(json.dumps(spoilt(SHOP[0]), ensure_ascii=False) + "\n{not\x1b[2J\n")
    (folder / "no\x9bevents").write_text(EVIL)
    (folder / "access.log").write_text(
        f'1.2.3.4 - - [02/Nov/2026:10:00:00 +0000] "GET /{EVIL}" 200 1 "{EVIL}" "{EVIL}"\n'
    )
    sealed = site.settings.landing / "sealed"
    for name in ("a\x1b]0;x\x07\n✓.ndjson.zst", "b\x9b.ndjson.zst"):
        (sealed / name).write_bytes(b"x")
        (sealed / f"{name}.json").write_text("\x1b[2J\u202e")
    user, at_shop = f"ann{ID}", ("--site", "shop")
    of_user = (*at_shop, "--user", user)
    sessions = ("metrics", "query", "--metrics", "sessions")
    walked = [
        *(["load"], ["status"], ["doctor"], ["site", "list"], ["site", "show", "shop"]),
        *(["site", "check", "shop", "--page", f"http://127.0.0.1:1/{EVIL}"], ["rejects", "list"], ["rejects", "show"]),
        *(["site", "check", "shop"], ["rejects", "replay"], ["rejects", "list", "--reason", EVIL]),
        *(["status", "--json"], ["doctor", "--json"], ["ask", "popular_pages", "--days", "0", "--json"]),
        ["ask", "popular_pages", "--days", "0", "--for-spreadsheet"],
        *(["retention", "list"], ["retain", "--dry-run"], ["retention", "forget", "2026-01-01"]),
        *(["person", "export", *of_user], ["person", "erase", *of_user, "--dry-run"]),
        *(["person", "request", "export", *of_user], ["person", "requests"], ["person", "purge"], ["readers"]),
        *(["accept", *at_shop, "--day", "2026-11-02", "--check", EVIL, "--reason", EVIL],),
        *(
            ["import", "events", str(folder / evil_name), *at_shop],
            ["import", "events", str(folder / "no\x9bevents"), *at_shop],
        ),
        *(["import", "access-log", str(folder / "access.log"), *at_shop, "--host", EVIL],),
        *(["build"], ["check"], ["publish"], ["nightly"], ["rebuild", "2026-11-02"], ["today"]),
        *(
            ["backup", str(tmp_path / "backups")],
            ["upgrade"],
            ["ask"],
            ["ask", "summary", "--sql"],
            ["ask", "summary", "--include-today"],
            ["ask", EVIL],
        ),
        *(["site", "add", EVIL], ["site", "add", "other", "--origin", f"https://x{EVIL}"], ["site", "show", EVIL]),
        *(["share", f"/sites/{EVIL}/overview"], ["share", f"/sites/shop/overview?path={EVIL}"]),
        *(["metrics", "list"], ["metrics", "dimensions", "sessions"]),
        [*sessions, "--group-by", "session__campaign,session__landing_page"],
        [*sessions, "--group-by", "session__source", "--csv", str(tmp_path / "m.csv")],
        [*sessions, "--where", "cast({{ Dimension('session__campaign') }} as int) > 1"],
    ]
    printed = run(*walked)
    for arguments, text in zip(walked, printed, strict=True):
        assert_text(text.replace("\r\n", "\n") if "--for-spreadsheet" in arguments else text)
    assert r"a\x1b]0;x\x07\n✓.ndjson.zst" in printed[0]
    assert r"b\x9b.ndjson.zst" in printed[0]
    assert r"\x1b]52" in printed[-3]
    exempt = set(SAYS_NOTHING_OF_STRANGERS)
    done = {name for name, _ in commands() for each in walked if name.split()[1:] == each[: len(name.split()) - 1]}
    assert {name for name, _ in commands()} == done | exempt
    files = [tmp_path / "m.csv", *site.settings.checks.glob("*.html"), *site.settings.exports.glob("*/*")]
    assert {path.suffix for path in files} == {".csv", ".html", ".json", ".txt"}
    for path in files:
        assert acting(path.read_bytes().decode().replace("\r\n", "\n")) == set(), path
    (document,) = (json.loads(path.read_text()) for path in site.settings.exports.glob("*/person.json"))
    assert document["places"]["raw.events"][0]["page_title"] == EVIL


def test_only_the_console_prints():
    """Another way to print would be another place to forget."""
    ways = [
        (path.name, ast.unparse(call.func))
        for path in sorted(COMMANDS.glob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and re.search(r"(^|\.)(print|echo|secho|write)$", ast.unparse(call.func))
    ]
    assert {way for way in ways if way[0] != "console.py"} == {("metrics.py", "typer.echo")}
    importing = {
        path.name for path in COMMANDS.glob("*.py") if re.search(r"^\s*(from|import) rich", path.read_text(), re.M)
    }
    assert importing == {"console.py"}
