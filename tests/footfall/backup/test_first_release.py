"""A backup of the first release, restored into this one or upgraded: its marts have today's names and a rebuild's rows."""

import json
import shutil

import pytest

from footfall.backup.backup import open_backup
from footfall.backup.restore import restore, undo
from footfall.backup.upgrade import UpgradeError, upgrade
from footfall.pipeline.backups import list_backups
from footfall.pipeline.installation import Installation, open_installation
from footfall.simulator.sites import TIMEZONES
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.faults.failing import fail, failing
from tests.support.installation import contents
from warehouse.tables.version import newest, version

BACKUP = PROJECT / "tests" / "data" / "backup-0.1.0" / "20261126T062222Z"
"""372 events of three simulated sites, published in one night."""


IDS = {"session_id", "first_session_id", "page_view_id", "first_event_id"}
"""They name the first event of a session. Of events of one instant that was the one with the lowest id."""
LATER = {
    "page_views": {"page_host", "page_query"},
    "sessions": {"local_hour", "is_new_visitor", "utm_term", "utm_content", "language", "has_order"},
    "daily_page_stats": {"new_visitor_count"},
    "daily_funnel": {"reached"},
}
"""Columns of today that the raw events of then fill."""
LATER_MARTS = {
    *("events", "event_properties", "daily_property_stats", "daily_retention", "daily_goals", "daily_funnels"),
    *("daily_visitor_sketches", "visitor_sketches"),
}
"""Marts of today."""


@pytest.mark.nights
def test_marts_of_the_first_release_are_those_that_this_one_builds(anew, tmp_path):
    """Acts: restored and migrated; the old database, whose upgrade fails in its build; the same, killed thrice; done."""
    backup = tmp_path / BACKUP.name
    shutil.copytree(BACKUP, backup)
    for key in (backup / "keys").iterdir():
        key.chmod(0o600)
    with anew(TIMEZONES) as installation:
        restore(installation.settings, open_backup(backup), without_list=True)
        installation.dispose()
        assert rows(installation.engine, "select count(*) from marts.page_views") == [(148,)]
        migrated = by_rules_of_today(contents(installation))
        # Their tables are there from a restore on, and empty.
        assert not any(migrated.pop(mart) for mart in LATER_MARTS)

        backups = tmp_path / "backups"
        undo(installation, open_backup(backup))
        installation.dispose()
        old = contents(installation)
        with failing("build:begun=EIO"), pytest.raises(UpgradeError, match=r"is as it was, of schema version 0011,"):
            upgrade(installation, backups, say=lambda line: None)
        installation.dispose()
        assert (version_of(installation), contents(installation)) == ("0011", old)
        for place in ("upgrade:backed_up", "upgrade:migrated", "upgrade:built"):
            installation.dispose()
            fail(place, upgrade_alone, installation.settings, backups)
        assert [open_backup(path).manifest.schema_version for path in list_backups(backups)] == ["0011"] * 3
        assert not upgrade(installation, backups)
        assert version_of(installation) == newest()
        built = by_rules_of_today(contents(installation))
        assert {mart: built[mart] for mart in migrated} == migrated
        assert built.keys() - migrated.keys() == LATER_MARTS
        assert built["events"]


def upgrade_alone(settings, folder):
    with open_installation(settings) as installation:
        upgrade(installation, folder)


def version_of(installation: Installation) -> str | None:
    with installation.engine.connect() as connection:
        return version(connection)


def by_rules_of_today(marts):
    """Rows without ids that name sessions, kinds of devices of robots, which have none today, later columns, and nulls.

    And without the steps that no session entered, which have rows today.

    Before a night a column of today that the first release had not is not there yet; afterwards it is null.
    """
    sessions = [json.loads(row) for (row,) in marts["sessions"]]
    assert {session["device_type"] for session in sessions if not session["is_bot"]} == {"desktop", "mobile", "tablet"}
    read = {mart: [json.loads(row) for (row,) in found] for mart, found in marts.items()}
    read["daily_funnel"] = [row for row in read["daily_funnel"] if row["entered"]]
    return {mart: sorted(without(mart, row) for row in found) for mart, found in read.items()}


def without(mart, row):
    left_out = IDS | LATER.get(mart, set()) | ({"device_type"} if row.get("is_bot") else set())
    return json.dumps({name: value for name, value in row.items() if name not in left_out and value is not None})
