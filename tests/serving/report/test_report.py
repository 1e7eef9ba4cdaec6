"""The report of a day: its figures are those of the marts, it needs nothing from outside, and it is mailed once."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from serving.report.change import Change, most_changed, of_the_way
from serving.report.render import as_picture
from serving.report.report import ReportError, read
from serving.report.write import write_report, write_reports
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import with_settings
from tests.support.serving.outside import mail_server, send_waiting
from warehouse.postgres.roles import Role
from warehouse.retention.prune import prune

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
HOSTILE = "/<script>alert(1)</script>"


def seen(day, device, path="/", **fields):
    return event(f"{day} 10:00", device, page_url=f"https://shop.example{path}", user_agent=FIREFOX, **fields)


def two_days(installation):
    """Three sessions yesterday, ten a week before."""
    before = YESTERDAY - timedelta(days=7)
    Landing(installation.settings.landing).land(
        *(seen(YESTERDAY, f"d{n}", path) for n, path in enumerate(("/", "/offer", HOSTILE))),
        *(seen(before, f"e{n}", referrer="https://www.google.com/") for n in range(10)),
    )
    night.nightly(installation, say=lambda line: None)


@pytest.fixture(scope="module")
def kept(past):
    with past({"shop": "UTC"}, two_days) as copies:
        yield copies


@pytest.fixture
def installation(kept):
    with kept() as made:
        yield made


def test_its_figures_are_those_of_the_marts_and_it_says_what_changed_most_and_where(installation):
    found = read(installation, "shop", YESTERDAY)
    figures = {figure.name: (figure.now, figure.before) for figure in found.figures}
    ((sessions, visitors),) = rows(
        installation.engine,
        "select session_count, unique_users from marts.daily_stats where event_date = :day",
        day=YESTERDAY,
    )
    assert figures["Sessions"] == (sessions, 10) == (3, 10)
    assert figures["Visitors"] == (visitors, 10)
    channels, pages, devices = found.where
    assert channels.changes[0] == Change("Organic Search", 0, 10)
    assert channels.changes[1] == Change("Direct", 3, 0)
    assert pages.changes[0] == Change("/", 1, 10)
    assert devices.changes == [Change("desktop", 3, 10)]
    page = write_report(installation, "shop", YESTERDAY).read_text()
    assert "3 sessions, 70 % fewer than the" in page
    assert "Organic Search (−10 sessions), / (−9 page views), desktop (−7 sessions)" in page
    assert as_picture(found).startswith(b"\x89PNG")


def test_a_day_without_a_published_week_before_is_compared_with_nothing(installation):
    day = YESTERDAY - timedelta(days=7)
    found = read(installation, "shop", day)
    assert {figure.before for figure in found.figures} == {None}
    assert found.where == []
    page = write_report(installation, "shop", day).read_text()
    assert "10 sessions; nothing is published of the" in page
    assert "there is nothing to compare with yet" in page


def test_the_file_needs_nothing_from_outside_and_nothing_in_it_acts(installation):
    path = write_report(installation, "shop", YESTERDAY)
    page = path.read_text()
    assert path == installation.settings.reports / "shop" / f"{YESTERDAY}.html"
    assert re.findall(r"<(?:script|link|img|iframe|object)|@import|url\((?!#)| on[a-z]+=|src=", page) == []
    assert set(re.findall(r'href="([^"]+)"', page)) == {
        f"http://127.0.0.1:8040/sites/shop?from={YESTERDAY}&amp;to={YESTERDAY}"
    }
    assert "alert(1)" in page
    assert page.count("<svg") >= 2
    assert "prefers-color-scheme: dark" in page
    assert write_report(installation, "shop", YESTERDAY).read_text() == page


def test_it_is_mailed_once_after_the_publication_that_holds_the_day_whole(installation):
    with mail_server() as (box, url):
        mailed = with_settings(installation, smtp_url=url, mail_to="owner@shop.example")
        for _ in range(2):
            assert [path.name for path in write_reports(mailed)] == [f"{YESTERDAY}.html"]
            send_waiting(mailed)
        (mail,) = box.mails
    assert mail["Subject"].startswith("Footfall: shop on")
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert "3 sessions, 70 % fewer" in parts["text/plain"].get_content()
    html = mail.get_body(("html",)).get_content()
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == html.count("cid:chart") >= 2
    assert "<svg" not in html
    for unknown in ("<style", "var(", "<script", "class=", "data:"):
        assert unknown not in html
    assert '<table width="600"' in html
    assert re.search(r'<td style="[^"]*text-align: right[^"]*">3</td>', html)
    assert all('width="540"' in picture for picture in re.findall("<img[^>]+>", html))
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures)
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == f"footfall-shop-{YESTERDAY}.html"


def test_restated_figures_and_failed_checks_are_named(installation):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.restatements (publication_id, site_id, event_date, figure, old_value, new_value, causes)"
            " select max(publication_id), 'shop', current_date - 3, 'session_count', 7, 9, '{late_events}'"
            " from ops.publications"
        )
        connection.exec_driver_sql(
            "insert into ops.held_days (site_id, event_date, mart, expectation, reason, candidate_id)"
            " select 'shop', current_date - 2, 'sessions', 'sessions_are_usual', 'too few', max(candidate_id::text)::uuid"
            " from ops.candidates"
        )
    page = write_report(installation, "shop", YESTERDAY).read_text()
    assert re.search(
        r"session_count</td><td class=\"number\">7</td>\s*<td class=\"number\">9</td><td>late_events", page
    )
    assert "sessions_are_usual" in page
    assert "too few" in page


def test_a_day_without_sessions_and_an_unknown_site_have_no_report(installation):
    with pytest.raises(ReportError, match="has no sessions that are published"):
        read(installation, "shop", date(2020, 1, 1))
    with pytest.raises(ReportError, match="there is no site other"):
        read(installation, "other", YESTERDAY)


def test_old_reports_go(installation):
    import os

    path = write_report(installation, "shop", YESTERDAY)
    kept = write_report(installation, "shop", YESTERDAY - timedelta(days=7))
    old = datetime.now(UTC).timestamp() - 400 * 86_400
    os.utime(path, (old, old))
    prune(installation.engine_of(Role.RETENTION), installation.settings, published_marts(installation))
    assert not path.exists()
    assert kept.exists()


def test_what_changed_most_goes_first_and_what_did_not_change_is_left_out():
    changes = most_changed({"a": 5, "b": 9, "c": 1}, {"a": 5, "b": 1, "d": 10}, 2)
    assert [change.name for change in changes] == ["d", "b"]
    assert of_the_way(changes, 3).name == "b"
    assert of_the_way(changes, -3).name == "d"
    assert of_the_way(changes, 0) is None
