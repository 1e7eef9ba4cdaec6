"""Commands whose home or landing zone takes nothing: one clear message, at once, and all goes on when it takes files again."""

import gzip
import time

import pytest

from runtime.settings import PROJECT
from tests.support.command import footfall
from tests.support.events import event

FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));from footfall.cli.main import app; app()"
"""The command where no file may grow by a byte."""
HISTORY = '{"event_name":"page_viewed","anonymous_id":"d1","client_timestamp":"2026-11-02T09:00:00Z"}\n'


@pytest.fixture
def cli(installation):
    """The command on a fresh database; `full=True`: on a disk without room."""
    url = installation.database.administrator.render_as_string(hide_password=False)

    def run(*arguments, full=False):
        program = ("-c", FULL) if full else ("-m", "footfall")
        return footfall(
            installation.settings.home, *arguments, program=program, FOOTFALL_DATABASE_URL=url, PYTHONPATH=str(PROJECT)
        )

    return run


def said(refused):
    assert (refused.returncode, refused.stdout.count("Traceback")) == (1, 0)
    assert "Traceback" not in refused.stderr, refused.stderr
    return " ".join(refused.stderr.split())


def test_a_home_without_room_is_one_clear_message_and_later_all_is_well(cli, landing, tmp_path):
    history = tmp_path / "history.ndjson"
    history.write_text(HISTORY)
    landing.land(event("2026-11-02 08:00"))
    for command in (
        ("ask", "summary"),
        ("import", "events", str(history), "--site", "shop"),
        ("person", "erase", "--site", "shop", "--device", "d1", "--yes"),
    ):
        assert "files may not grow any more" in said(cli(*command, full=True)), command
    assert cli("import", "events", str(history), "--site", "shop").returncode == 0
    assert "footfall up --detach makes it" in said(cli("ask", "summary"))
    assert "0 rejected" in cli("load").stdout


def test_a_landing_zone_that_takes_nothing_is_one_clear_message_at_once(cli, installation, tmp_path):
    history = tmp_path / "history.ndjson"
    history.write_text(HISTORY)
    # Not even root can make a file there.
    installation.settings.landing.symlink_to("/sys")
    for command in (
        ("import", "events", str(history), "--site", "shop"),
        ("person", "erase", "--site", "shop", "--device", "d1", "--yes"),
        ("up", "--detach"),
    ):
        started = time.monotonic()
        assert str(installation.settings.landing) in said(cli(*command)), command
        assert time.monotonic() - started < 30
    assert not (installation.settings.home / "run" / "collector.json").exists()


def test_a_log_cut_off_anywhere_is_one_clear_message(cli, tmp_path):
    hits = b'1.2.3.4 - - [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 23 "-" "Mozilla/5.0"\n' * 3000
    for content, command in ((hits, "access-log"), (HISTORY.encode() * 3000, "events")):
        packed = gzip.compress(content)
        torn = tmp_path / "torn.gz"
        for cut in (packed[:11], packed[: len(packed) // 2], packed[:-3], packed[:-8] + bytes(8)):
            torn.write_bytes(cut)
            assert "unreadable after line" in said(cli("import", command, str(torn), "--site", "shop"))
