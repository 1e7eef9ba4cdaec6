"""One site closes no other's night: what fails for a site is held back, and all else is published."""

from datetime import date

import pytest

from footfall.pipeline import candidates, holding, night
from footfall.pipeline.candidates import GateClosed
from footfall.pipeline.night import DaysHeldBack
from tests.support.command import footfall
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from tests.support.nights import visits
from warehouse.publication.dirty_days import SiteDay
from warehouse.publication.held_days import AcceptError, accept

SESSIONS = """
select site_id, event_date::text, count(*) from marts.sessions where event_date > '2026-11-09' group by 1, 2 order by 1, 2
"""
BOTH = {"attacked": "UTC", "innocent": "UTC"}
USUAL, NEW = range(1, 10), 10


def nine_days(installation):
    """Two sites with nine published days of 30 sessions each."""
    landing = Landing(installation.settings.landing)
    for site in BOTH:
        landing.land(*(made for day in USUAL for made in visits(day, people=30)), site=site)
    night.nightly(installation, say=lambda line: None)


@pytest.fixture(scope="module")
def copies(past):
    with past(BOTH, nine_days) as copies:
        yield copies


@pytest.fixture
def two(copies):
    with copies() as installation:
        yield installation


def land(installation, site, *events):
    Landing(installation.settings.landing).land(*events, site=site)


def flood(day, people=300, hour=12):
    return [
        event(f"2026-11-{day} {hour}:{n // 60:02}:{n % 60:02}", f"robot{n}", event_id=f"flood {day} {n}")
        for n in range(people)
    ]


def sessions(installation):
    return {(site, int(day[-2:])): count for site, day, count in rows(installation.engine, SESSIONS)}


def nightly(installation):
    return night.nightly(installation, say=lambda line: None)


def held(installation):
    return {(day.site_id, day.day.day) for day in holding.held_back(installation)}


def test_a_flooded_day_is_held_back_and_every_other_day_of_every_site_is_published(two):
    for site in BOTH:
        land(two, site, *visits(10, people=30), *visits(11, people=30))
    land(two, "attacked", *flood(10))
    with pytest.raises(DaysHeldBack, match=r"site attacked, 2026-11-10 is held back: .*330, usual are 30.*accept"):
        nightly(two)
    assert sessions(two) == {("innocent", 10): 30, ("innocent", 11): 30, ("attacked", 11): 30}
    for mart in ("daily_stats", "page_views", "daily_page_stats", "customer_days"):
        assert (
            rows(two.engine, f"select 1 from marts.{mart} where site_id = 'attacked' and event_date = '2026-11-10'")
            == []
        )


@pytest.mark.nights
def test_the_nights_that_follow_publish_the_new_days_and_report_the_held_one_again(two):
    land(two, "attacked", *flood(10))
    with pytest.raises(DaysHeldBack):
        nightly(two)
    for site in BOTH:
        land(two, site, *visits(12, people=30))
    with pytest.raises(DaysHeldBack, match="attacked, 2026-11-10"):
        nightly(two)
    assert sessions(two) == {("innocent", 12): 30, ("attacked", 12): 30}


def test_a_published_day_that_is_flooded_later_stays_as_it_was_published(two):
    before = contents(two)
    land(two, "attacked", *flood("09"))
    with pytest.raises(DaysHeldBack, match="attacked, 2026-11-09"):
        nightly(two)
    assert contents(two) == before


@pytest.mark.nights
def test_a_day_that_shares_a_session_with_a_held_one_waits_with_it(two):
    land(two, "attacked", *flood(10), event("2026-11-10 23:50", "owl"), event("2026-11-11 00:10", "owl"))
    land(two, "attacked", *visits(11, people=30), *visits(12, people=30))
    land(two, "innocent", *visits(11, people=30))
    with pytest.raises(DaysHeldBack, match="2026-11-11 is held back: it depends on 2026-11-10"):
        nightly(two)
    assert held(two) == {("attacked", 10), ("attacked", 11)}
    assert sessions(two) == {("attacked", 12): 30, ("innocent", 11): 30}


@pytest.mark.nights
def test_an_accepted_figure_is_published_on_record_and_all_is_as_if_it_had_been_built_at_once(two):
    owl = [event("2026-11-10 23:50", "owl", event_id="o1"), event("2026-11-11 00:10", "owl", event_id="o2")]
    land(two, "attacked", *flood(10), *owl, *visits(11, people=30))
    with pytest.raises(DaysHeldBack):
        nightly(two)
    chosen = ("--site", "attacked", "--day", "2026-11-10", "--check", "volume_is_usual", "--reason", "a campaign")
    url = two.database.administrator.render_as_string(hide_password=False)
    said = footfall(two.settings.home, "accept", *chosen, FOOTFALL_DATABASE_URL=url)
    assert said.returncode == 0, said.stderr
    assert "published" in said.stdout
    assert held(two) == set()
    assert sessions(two) == {("attacked", 10): 301, ("attacked", 11): 30}
    ((reason, figure, usual),) = rows(two.engine, "select reason, figure, usual from ops.accepted_figures")
    assert (reason, int(figure), int(usual)) == ("a campaign", 301, 30)
    published = contents(two)
    night.rebuild(two, say=lambda line: None)
    assert contents(two) == published


@pytest.mark.nights
def test_an_acceptance_lapses_when_the_figure_moves_further_from_what_is_usual(two):
    land(two, "attacked", *flood(10))
    with pytest.raises(DaysHeldBack):
        nightly(two)
    with two.engine.begin() as connection:
        accept(connection, SiteDay("attacked", date(2026, 11, 10)), "volume_is_usual", "a campaign", "me")
    nightly(two)
    land(two, "attacked", *(made | {"event_id": made["event_id"] + "b"} for made in flood(10, 310, hour=20)))
    with pytest.raises(DaysHeldBack, match="610, usual are 30"):
        nightly(two)
    assert sessions(two) == {("attacked", 10): 300}


def test_what_is_wrong_rather_than_unusual_cannot_be_accepted(two):
    land(two, "attacked", *visits(10, people=30))
    night.load(two)
    with two.engine.begin() as connection:
        connection.exec_driver_sql("delete from raw.events where site_id = 'attacked' and event_date = '2026-11-10'")
    with pytest.raises(DaysHeldBack, match="raw_holds_what_the_ledger_loaded"):
        nightly(two)
    on = SiteDay("attacked", date(2026, 11, 10))
    with two.engine.begin() as connection, pytest.raises(AcceptError, match="cannot be accepted"):
        accept(connection, on, "raw_holds_what_the_ledger_loaded", "it is fine", "me")


@pytest.mark.parametrize(
    ("on", "check", "why"),
    [
        (SiteDay("innocent", date(2026, 11, 10)), "volume_is_usual", "is not held back; "),
        (SiteDay("attacked", date(2026, 11, 10)), "key_is_unique", "but for daily_stats.volume_is_usual"),
    ],
)
def test_only_what_is_held_back_can_be_accepted(two, on, check, why):
    land(two, "attacked", *flood(10))
    with pytest.raises(DaysHeldBack):
        nightly(two)
    with two.engine.begin() as connection, pytest.raises(AcceptError, match=why):
        accept(connection, on, check, "a campaign", "me")


@pytest.mark.nights
def test_a_held_day_is_tried_again_when_it_changes(two):
    land(two, "attacked", *visits(10, people=2))
    with pytest.raises(DaysHeldBack, match="2, usual are 30"):
        nightly(two)
    land(two, "attacked", *visits(10, people=30))
    nightly(two)
    assert sessions(two) == {("attacked", 10): 30}


@pytest.mark.nights
def test_a_held_day_that_gets_more_events_in_the_same_night_is_tried_again_in_the_next(two, monkeypatch):
    for site in BOTH:
        land(two, site, *visits(10, people=30))
    land(two, "attacked", *flood(10))
    failed, hold_back = [], holding.hold_back

    def hold_back_while_more_comes(installation, found):
        failed.append(found)
        days = hold_back(installation, found)
        if len(failed) < 5:
            land(two, "attacked", event("2026-11-10 19:00", "later", event_id=f"meanwhile {len(failed)}"))
            night.load(two)
        return days

    monkeypatch.setattr(holding, "hold_back", hold_back_while_more_comes)
    for nights in (1, 2):
        with pytest.raises(DaysHeldBack, match="attacked, 2026-11-10"):
            nightly(two)
        assert len(failed) == nights
        assert sessions(two) == {("innocent", 10): 30}


def test_what_cannot_be_laid_to_a_site_closes_the_gate_for_all(two):
    before = contents(two)
    land(two, "innocent", *visits(10, people=30))
    night.load(two)
    candidates.build(two, night.next_slice(two))
    with two.engine.begin() as connection:
        connection.exec_driver_sql("update audit.sessions set site_id = 'elsewhere'")
    found = candidates.check(two)
    with pytest.raises(GateClosed, match="site 'elsewhere', which is not being built"):
        holding.hold_back(two, found)
    assert contents(two) == before


@pytest.mark.nights
def test_the_newest_day_is_published_first_and_what_comes_meanwhile_is_left_to_the_next_night(two, monkeypatch):
    for day in (2, 4, 6):
        land(two, "attacked", event(f"2026-11-0{day} 18:00", "late", event_id=f"late {day}"))
    land(two, "innocent", *visits(10, people=30))
    published, publish = [], night.publish

    def publish_while_more_comes(installation):
        done = publish(installation)
        published.append({(day.day.day) for day in done.days if day.day})
        day = 1 + 2 * len(published) % 8
        land(two, "attacked", event(f"2026-11-0{day} 19:00", "later", event_id=f"meanwhile {len(published)}"))
        night.load(two)
        return done

    monkeypatch.setattr(night, "publish", publish_while_more_comes)
    nightly(two)
    assert 10 in published[0]
    assert len(published) == 4
    assert rows(two.engine, "select distinct site_id from ops.dirty_days") == [("attacked",)]


@pytest.mark.nights
def test_a_day_that_was_only_built_along_with_others_is_held_and_waits_as_if_it_were_dirty(two):
    """Half of the sites wait on the 9th, so that it is built for both; what is wrong with the other one is held."""
    for site in BOTH:
        land(two, site, *visits(10, people=30))
    land(two, "innocent", event("2026-11-09 20:00", "late"))
    with two.engine.begin() as connection:
        connection.exec_driver_sql(
            "update marts.daily_stats set session_count = 200 where site_id = 'attacked' and event_date < '2026-11-09'"
        )
    for _ in range(2):
        with pytest.raises(DaysHeldBack, match=r"attacked, 2026-11-09 is held back: .*30, usual are 200"):
            nightly(two)
    assert sessions(two) == {("innocent", 10): 30}
    assert held(two) == {("attacked", 9), ("attacked", 10)}
    marked = rows(two.engine, "select distinct site_id, event_date from ops.dirty_days order by 2")
    assert marked == [("attacked", date(2026, 11, 9)), ("attacked", date(2026, 11, 10))]
