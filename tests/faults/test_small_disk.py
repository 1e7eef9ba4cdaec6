"""A home on a small disk that is full in the middle of each command: it says so, and its repetition loses nothing."""

import os
import subprocess
import sys

import pytest

from runtime.settings import PROJECT
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.faults.small_disk import EVENTS


@pytest.mark.proof
def test_each_command_survives_a_full_disk(installation):
    """Acts: an import, the collector, a load, a night with its publication, an erasure, a backup. It needs to mount."""
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    url = installation.database.administrator.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.support.faults.small_disk", str(installation.settings.home), url]
    ran = subprocess.run([*namespace, *program], cwd=PROJECT, capture_output=True, text=True, timeout=900)
    assert ran.returncode == 0, ran.stderr
    require_balance(installation.engine)
    # One of them is of the erased person.
    [(found,)] = rows(installation.engine, "select count(*) from raw.events where event_date = '2026-11-02'")
    assert found == EVENTS - 1
