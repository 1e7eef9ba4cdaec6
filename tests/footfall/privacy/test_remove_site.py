"""A site goes with all that is stored of it, and nothing else does."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from footfall.pipeline import night
from footfall.privacy import remove_site
from ingestion.collector.device_keys import DeviceKeys, key_files
from tests.support.command import footfall
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents
from tests.support.people import found_in
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.access.sites import SiteError, add_site, write_registry

MARK = "zq7site"
"""Name of the site, and in every text of its events."""


def a_night(installation):
    land(installation)
    night.nightly(installation, say=lambda line: None)


@pytest.fixture(scope="module")
def copies(past):
    with past({"shop": "UTC", MARK: "UTC"}, a_night) as copies:
        yield copies


@pytest.fixture
def home(copies):
    """Two sites with published days, rejects, a vault entry and an analyst; the second has the mark everywhere."""
    with copies() as installation:
        with installation.engine.begin() as connection:
            renew_site_analyst(connection, MARK)
            write_registry(connection, installation.settings.site_registry)
        for site in ("shop", MARK):
            DeviceKeys(installation.settings.device_keys).load(site, datetime.now(UTC).date())
        yield installation


def land(installation, day="02"):
    landing = Landing(installation.settings.landing)
    landing.land(event(f"2026-11-{day} 09:00", event_id=f"shop {day}"))
    contact = {"email": f"{MARK}@example.org", "checkout_id": MARK, "error_code": MARK}
    landing.land(
        event(
            f"2026-11-{day} 09:00", MARK, user_id=MARK, event_id=f"{MARK} {day}", page_url=f"https://{MARK}.example/"
        ),
        event(
            f"2026-11-{day} 09:01", MARK, "payment_failed", user_id=MARK, event_id=f"{MARK}2 {day}", properties=contact
        ),
        event(f"2026-11-{day} 09:02", MARK, user_id=MARK, screen_width=-1),
        site=MARK,
        user_agent=f"Mozilla/5.0 {MARK}",
    )


def others(installation):
    return {mart: [row for row in found if MARK not in row[0]] for mart, found in contents(installation).items()}


def test_a_dry_run_counts_and_changes_nothing(home):
    before = contents(home)
    url = home.database.administrator.render_as_string(hide_password=False)
    shown = footfall(home.settings.home, "site", "remove", MARK, "--dry-run", FOOTFALL_DATABASE_URL=url)
    assert shown.returncode == 0, shown.stderr
    for place in (
        "raw.events",
        "raw.rejects",
        "ops.contact_vault",
        "marts.sessions",
        "landing/loaded",
        "ops.site_keys",
    ):
        assert place in shown.stdout
    assert contents(home) == before
    assert MARK in {site for (site,) in rows(home.engine, "select site_id from ops.sites")}


def test_nothing_is_left_of_a_removed_site_and_the_others_stay(home):
    """Acts: more events land, the site is removed, a night, the site is added anew."""
    kept = others(home)
    land(home, "03")
    url = home.database.administrator.render_as_string(hide_password=False)
    done = footfall(home.settings.home, "site", "remove", MARK, "--yes", FOOTFALL_DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    # Roles are the server's, and so are what it knows of them: a site's analyst had its name.
    assert {*found_in(home, MARK)} <= {"statistics of pg_catalog.pg_authid"}
    assert len(key_files(home.settings.device_keys)) == 1
    assert MARK not in json.loads(home.settings.site_registry.read_text())["sites"]
    balanced = "select count(*) from ops.landed_files where line_count <> loaded_count + duplicate_count + rejected_count + suppressed_count"
    assert rows(home.engine, balanced) == [(0,)]
    night.nightly(home, say=lambda line: None)
    assert {mart: [row for row in found if "2026-11-03" not in row[0]] for mart, found in others(home).items()}[
        "daily_stats"
    ] == [row for row in kept["daily_stats"] if "2026-11-03" not in row[0]]
    assert rows(home.engine, "select site_id, count(*) from marts.sessions group by 1") == [("shop", 2)]
    with home.engine.begin() as connection:
        add_site(connection, MARK)
    night.rebuild(home, say=lambda line: None)
    assert rows(home.engine, "select count(*) from ops.frozen_days") == [(0,)]


@pytest.mark.parametrize("place", ["remove_site:rows", "remove_lines:manifest", "remove_site:files"])
def test_a_killed_removal_is_run_again(home, place):
    url = home.database.administrator.render_as_string(hide_password=False)
    given = {"FOOTFALL_HOME": str(home.settings.home), "FOOTFALL_DATABASE_URL": url, "FOOTFALL_FAIL_AT": place}
    command = [sys.executable, "-m", "footfall", "site", "remove", MARK, "--yes"]
    assert subprocess.run(command, env=os.environ | given, capture_output=True, check=False).returncode == -9
    assert rows(home.engine, "select 1 from ops.sites where site_id = :site", site=MARK) == [(1,)]
    remove_site.remove(home, MARK, lambda line: None)
    # Roles are the server's, and so are what it knows of them: a site's analyst had its name.
    assert {*found_in(home, MARK)} <= {"statistics of pg_catalog.pg_authid"}


def test_a_site_that_is_not_there_is_refused(home):
    with pytest.raises(SiteError, match="there is no site shpo"):
        remove_site.look(home, "shpo")
