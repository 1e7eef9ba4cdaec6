"""Timezones of sites: unknown ones delay no other site, new ones move every event that is held."""

import os
import re
import subprocess
import sys
from datetime import date
from functools import partial

import pytest

from footfall.pipeline import candidates, night
from tests.support.command import footfall
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents, with_settings
from warehouse.access.sites import SiteError, add_site
from warehouse.postgres.locks import CANDIDATE, held
from warehouse.publication.redate import change_zone

SESSIONS = "select site_id, event_date, visitor_id, page_view_count from marts.sessions order by 1, 2, 3"
BOTH = {"shop": "UTC", "blog": "UTC"}


def land_at(installation, *moments, site="shop"):
    """One page view of a device of its own at each moment of November 2026, UTC."""
    made = [event(f"2026-11-{each}", each, event_id=f"{site} {each}") for each in moments]
    Landing(installation.settings.landing).land(*made, site=site)


def run(engine, statement):
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture
def two(anew):
    with anew(BOTH) as installation:
        yield installation


@pytest.fixture
def land(two):
    return partial(land_at, two)


def nightly(installation, **arguments):
    return night.nightly(installation, say=lambda line: None, **arguments)


def set_zone(installation, site, zone):
    with held(installation.engine, CANDIDATE):
        with installation.engine.begin() as connection:
            change_zone(connection, site, zone)
        night.redate_sites(installation, lambda line: None)


@pytest.mark.parametrize("zone", ["localtime", "Mars/Olympus", "posixrules", "", "Europe/berlin ", "../UTC"])
def test_the_database_is_asked_for_a_zone(two, zone):
    with two.engine.begin() as connection, pytest.raises(SiteError, match="no timezone that this database knows"):
        add_site(connection, "other", zone)


@pytest.mark.nights
def test_a_site_whose_zone_is_unknown_is_reported_and_left_out_of_the_night(two, land):
    """Acts: a published night, the zone is lost, another night, the zone is set."""
    land("02 09:00")
    land("02 09:00", site="blog")
    nightly(two)
    before = rows(two.engine, SESSIONS)
    run(two.engine, "update ops.sites set timezone = 'Mars/Olympus' where site_id = 'blog'")
    land("02 12:00", "03 09:00")
    land("02 12:00", "03 23:30", site="blog")
    home, url = two.settings.home, two.database.administrator.render_as_string(hide_password=False)
    ran = footfall(home, "nightly", FOOTFALL_DATABASE_URL=url)
    assert ran.returncode == 1
    assert re.search(r"site blog is left out: its timezone 'Mars/Olympus' is unknown", ran.stderr), ran.stderr
    assert "Traceback" not in ran.stderr
    found = rows(two.engine, SESSIONS)
    assert [row for row in found if row[0] == "blog"] == [row for row in before if row[0] == "blog"]
    assert len([row for row in found if row[0] == "shop"]) == 3
    assert "site blog is left out" in footfall(home, "status", FOOTFALL_DATABASE_URL=url).stderr
    assert "✗ the timezones of all sites are known" in footfall(home, "doctor", FOOTFALL_DATABASE_URL=url).stdout
    assert "blog" in dict(rows(two.engine, "select site_id, visitor_count from live.areas"))
    done = footfall(home, "site", "set", "blog", "--timezone", "Europe/Berlin", FOOTFALL_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    nightly(two)
    blog = [row[1:3] for row in rows(two.engine, SESSIONS) if row[0] == "blog"]
    assert blog == [(date(2026, 11, 2), "02 09:00"), (date(2026, 11, 2), "02 12:00"), (date(2026, 11, 4), "03 23:30")]


@pytest.mark.nights
def test_a_zone_that_is_known_again_brings_back_the_days_that_were_left_out(two, land):
    run(two.engine, "update ops.sites set timezone = 'Mars/Olympus' where site_id = 'blog'")
    land("02 23:30")
    land("02 23:30", site="blog")
    with pytest.raises(SiteError, match="blog"):
        nightly(two)
    assert [row[0] for row in rows(two.engine, SESSIONS)] == ["shop"]
    run(two.engine, "update ops.sites set timezone = 'Europe/Berlin' where site_id = 'blog'")
    nightly(two)
    assert rows(two.engine, SESSIONS) == [
        ("blog", date(2026, 11, 3), "02 23:30", 1),
        ("shop", date(2026, 11, 2), "02 23:30", 1),
    ]
    assert rows(two.engine, "select * from ops.unbuilt_days") == []


def test_a_night_of_sites_with_unknown_zones_alone_builds_nothing_and_remembers_the_day(two, land):
    run(two.engine, "update ops.sites set timezone = 'Mars/Olympus'")
    land("02 09:00")
    with pytest.raises(SiteError, match=r"blog[\s\S]*shop"):
        nightly(two)
    assert rows(two.engine, "select count(*) from ops.publications") == [(0,)]
    assert rows(two.engine, "select site_id, event_date from ops.unbuilt_days") == [("shop", date(2026, 11, 2))]


@pytest.mark.nights
def test_after_a_new_zone_marts_are_those_of_a_site_that_always_had_it(two, land, anew):
    """Acts: published in UTC, the zone changes before and after loads, then a site of that zone from the start."""
    moments = ["01 23:30", "02 00:10", "02 09:00", "02 23:50", "03 00:05", "04 12:00", "05 23:59"]
    land(*moments[:4])
    land(*moments, site="blog")
    nightly(two)
    land(*moments[4:6])
    night.load(two)
    set_zone(two, "shop", "America/New_York")
    land(*moments[6:])
    nightly(two)
    changed = contents(two)
    with anew({"shop": "America/New_York", "blog": "UTC"}, None) as other:
        land_at(other, *moments)
        land_at(other, *moments, site="blog")
        nightly(other)
        wanted = contents(other)
    times = re.compile(r'"(published_at|built_at)":"[^"]*",?')
    assert {mart: [times.sub("", row[0]) for row in found] for mart, found in changed.items()} == {
        mart: [times.sub("", row[0]) for row in found] for mart, found in wanted.items()
    }
    assert nightly(two) == []


@pytest.mark.nights
def test_readers_see_the_old_version_until_all_days_are_published_at_once(two, land):
    """Days that are built two at a time otherwise."""
    few = with_settings(two, max_slice_days=2)
    land(*(f"{day:02} 23:30" for day in range(2, 7)))
    nightly(few)
    before = rows(two.engine, SESSIONS)
    set_zone(few, "shop", "Asia/Tokyo")
    assert rows(two.engine, SESSIONS) == before
    done = nightly(few)
    assert len(done) == 1
    assert [row[1] for row in rows(two.engine, SESSIONS)] == [date(2026, 11, day) for day in range(3, 8)]


def test_frozen_days_stay_as_published_and_take_no_events(two, land):
    """Acts: two days published, the first frozen as retention does, the zone moves events of the second there."""
    land("02 12:00", "03 00:30", "03 12:00")
    nightly(two)
    before = rows(two.engine, SESSIONS)
    run(two.engine, "insert into ops.frozen_days (event_date) values ('2026-11-02')")
    run(two.engine, "drop table raw.events_20261102")
    set_zone(two, "shop", "America/New_York")
    nightly(two)
    assert rows(two.engine, SESSIONS) == before


@pytest.mark.nights
def test_a_killed_move_goes_on_where_it_stopped_and_nothing_is_built_meanwhile(two, land):
    """Acts: killed at the second day, a build by hand, the night."""
    land("02 23:30", "03 23:30", "04 23:30")
    nightly(two)
    url = two.database.administrator.render_as_string(hide_password=False)
    given = {"FOOTFALL_HOME": str(two.settings.home), "FOOTFALL_DATABASE_URL": url, "FOOTFALL_FAIL_AT": "redate:day#2"}
    command = [sys.executable, "-m", "footfall", "site", "set", "shop", "--timezone", "Asia/Tokyo"]
    assert subprocess.run(command, env=os.environ | given, capture_output=True, check=False).returncode == -9
    assert rows(two.engine, "select site_id from ops.redated_sites") == [("shop",)]
    with pytest.raises(Exception, match="being moved"):
        candidates.begin(two, night.next_slice(two))
    nightly(two)
    assert [row[1] for row in rows(two.engine, SESSIONS)] == [date(2026, 11, day) for day in (3, 4, 5)]
    assert rows(two.engine, "select site_id from ops.redated_sites") == []


@pytest.mark.nights
def test_a_retry_after_the_move_is_a_duplicate(two, land):
    land("02 23:30")
    nightly(two)
    set_zone(two, "shop", "Asia/Tokyo")
    land("02 23:30")
    nightly(two)
    assert rows(two.engine, "select count(*) from raw.events") == [(1,)]
    assert rows(two.engine, "select sum(page_view_count) from marts.sessions") == [(1,)]
