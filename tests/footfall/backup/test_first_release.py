"""A backup of the first release, restored into this one: its marts have today's names and the rows of a rebuild."""

import json
import shutil

from footfall.backup.backup import open_backup
from footfall.backup.restore import restore
from footfall.pipeline import night
from footfall.simulator.sites import TIMEZONES
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.installation import contents

BACKUP = PROJECT / "tests" / "data" / "backup-0.1.0" / "20261126T062222Z"
"""372 events of three simulated sites, published in one night."""


def test_marts_of_the_first_release_are_those_that_this_one_builds(anew, tmp_path):
    """Restored and migrated, then built again from the same raw events. Robots had kinds of devices then."""
    backup = tmp_path / BACKUP.name
    shutil.copytree(BACKUP, backup)
    for key in (backup / "keys").iterdir():
        key.chmod(0o600)
    with anew(TIMEZONES) as installation:
        restore(installation.settings, open_backup(backup))
        installation.dispose()
        assert rows(installation.engine, "select count(*) from marts.page_views") == [(148,)]
        migrated = without_devices_of_robots(contents(installation))
        night.rebuild(installation, say=lambda line: None)
        assert without_devices_of_robots(contents(installation)) == migrated


def without_devices_of_robots(marts):
    sessions = [json.loads(row) for (row,) in marts["sessions"]]
    assert {session["device_type"] for session in sessions if not session["is_bot"]} == {"desktop", "mobile", "tablet"}
    return marts | {
        "sessions": [session | {"device_type": None} if session["is_bot"] else session for session in sessions]
    }
