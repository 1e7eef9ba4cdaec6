import os
import stat
import subprocess
import sys

import pytest

from runtime import files
from runtime.settings import PROJECT

WRITE = "import sys; from pathlib import Path; from runtime import files; files.{how}"


@pytest.fixture
def synced(monkeypatch):
    """What was put on disk, by inode, in order."""
    seen = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (seen.append(os.fstat(descriptor).st_ino), fsync(descriptor)))
    return seen


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_written_file_is_on_disk_before_its_name_and_its_name_before_write_returns(tmp_path, synced):
    files.write(tmp_path / "one", b"new")
    assert synced == [(tmp_path / "one").stat().st_ino, tmp_path.stat().st_ino]


def test_write_replaces_a_file_and_leaves_nothing_beside_it(tmp_path):
    files.write(tmp_path / "one", b"old")
    files.write(tmp_path / "one", b"new")
    assert (tmp_path / "one").read_bytes() == b"new"
    assert names(tmp_path) == ["one"]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_beside_it(tmp_path, monkeypatch):
    files.write(tmp_path / "one", b"old")

    def full(_):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        files.write(tmp_path / "one", b"new")
    assert (tmp_path / "one").read_bytes() == b"old"
    assert names(tmp_path) == ["one"]


def test_create_leaves_what_is_there(tmp_path):
    files.create(tmp_path / "key", b"first", 0o600)
    files.create(tmp_path / "key", b"second", 0o644)
    assert (tmp_path / "key").read_bytes() == b"first"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert names(tmp_path) == ["key"]


def test_of_several_processes_that_write_one_file_one_wins_and_none_fails(tmp_path):
    code = WRITE.format(how="write(Path(sys.argv[1]), sys.argv[2].encode() * 100_000)")
    commands = [[sys.executable, "-c", code, str(tmp_path / "one"), letter] for letter in "abcdef"]
    writers = [subprocess.Popen(command, cwd=PROJECT) for command in commands]
    assert [writer.wait() for writer in writers] == [0] * len(writers)
    assert len(set((tmp_path / "one").read_text())) == 1
    assert names(tmp_path) == ["one"]


def test_folders_are_made_with_their_parents_each_entry_on_disk(tmp_path, synced):
    folder = tmp_path / "a" / "b"
    files.make_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) & 0o007 == 0
    assert synced == [tmp_path.stat().st_ino, folder.parent.stat().st_ino]


def test_what_is_written_beside_has_a_name_that_readers_pass_over(tmp_path):
    fresh = files.beside(tmp_path / "a.ndjson.zst")
    with files.synced(fresh) as file:
        file.write(b"content")
    assert fresh.name.startswith(".")
    assert list(tmp_path.glob("[!.]*")) == []


def test_a_disk_without_room_is_reported_before_the_folder_is_made(tmp_path, monkeypatch):
    files.require_room(tmp_path / "not" / "there")
    monkeypatch.setattr(files, "LEAST_FREE_BYTES", 2**60)
    with pytest.raises(
        files.DiskFull, match=rf"the disk of {tmp_path}/not/there is full: \d+ MiB .* nothing was begun"
    ):
        files.require_room(tmp_path / "not" / "there")
    assert names(tmp_path) == []
