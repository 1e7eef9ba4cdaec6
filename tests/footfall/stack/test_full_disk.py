"""A disk without room for work: said at once, in words, and nothing is begun."""

import errno

import pytest

from footfall.cli import commands, main
from footfall.cli.context import current_installation
from footfall.stack.stack import start
from runtime import environment, files
from runtime.settings import Settings


@pytest.fixture
def full(monkeypatch):
    """The disk has less room than is asked for."""
    monkeypatch.setattr(files, "LEAST_FREE_BYTES", 2**60)


def test_work_and_the_stack_are_not_begun(full, tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTFALL_HOME", str(tmp_path / "home"))
    with pytest.raises(files.DiskFull, match="nothing was begun"), current_installation():
        pass
    with pytest.raises(files.DiskFull, match="nothing was begun"):
        start(Settings(home=tmp_path / "home"))
    assert list(tmp_path.iterdir()) == []


def test_what_frees_room_is_begun(full, installation, monkeypatch):
    monkeypatch.setenv("FOOTFALL_HOME", str(installation.settings.home))
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", installation.settings.database_url)
    with current_installation(frees_room=True) as begun:
        assert begun.settings.home == installation.settings.home


def test_a_disk_that_fills_up_during_the_work_is_named(monkeypatch, capsys):
    def work():
        raise OSError(errno.ENOSPC, "No space left on device", "/home/of/footfall")

    monkeypatch.setattr(commands, "typed", work)
    monkeypatch.setattr(environment, "begin", lambda: None)  # It would begin the tests again.
    with pytest.raises(SystemExit):
        main.app()
    assert "/home/of/footfall: the disk is full: make room, then run the same command again" in capsys.readouterr().err
