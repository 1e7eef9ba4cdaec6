"""Segments on a real disk: what is acknowledged is there, what is torn is cut, and faults leave no half line."""

import errno
import fcntl
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from ingestion.landing.reader import MAX_LINE_BYTES, Line, TornSegmentError, read_lines, read_manifest, sealed_segments
from ingestion.landing.segment import Segment
from ingestion.landing.writer import (
    LandingError,
    Recovery,
    SegmentWriter,
    ask_to_seal,
    open_folder,
    recover,
    sealed_folder,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def writer(landing: Path) -> Iterator[SegmentWriter]:
    with SegmentWriter(landing, "test") as writer:
        yield writer


def open_segments(landing: Path) -> list[Path]:
    return sorted(open_folder(landing).iterdir())


def contents(landing: Path) -> list[bytes]:
    return sorted(line.content for path in sealed_segments(landing) for line in read_lines(path))


def pack(path: Path, content: bytes) -> Path:
    path.write_bytes(zstandard.ZstdCompressor(write_checksum=True).compress(content))
    return path


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, code: int, short: int = 0) -> Iterator[None]:
    """Let a system call on segment files fail, a write perhaps after a few bytes."""
    real = getattr(os, name)

    def fail(descriptor: int, *arguments: Any) -> Any:
        nonlocal short
        if not os.readlink(f"/proc/self/fd/{descriptor}").endswith(".ndjson"):
            return real(descriptor, *arguments)
        if short:
            part, short = short, 0
            return real(descriptor, arguments[0][:part])
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        yield


# Writing and sealing --------------------------------------------------------------------------------------


def test_the_landing_zone_appears_on_demand(landing, writer):
    assert not landing.exists()
    writer.append(b"one\n")
    assert [path.read_bytes() for path in open_segments(landing)] == [b"one\n"]


def test_a_sealed_segment_has_a_manifest_of_what_it_holds(landing, writer):
    writer.append(b"one\ntwo\n")
    writer.append(b"three\n")
    writer.close()
    [segment] = sealed_segments(landing)
    content = b"one\ntwo\nthree\n"
    assert json.loads(segment.with_name(segment.name + ".json").read_text()) == {
        "line_count": 3,
        "byte_count": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert zstandard.ZstdDecompressor().stream_reader(segment.read_bytes()).read() == content
    assert [(line.number, line.offset, line.content) for line in read_lines(segment)] == [
        (1, 0, b"one"),
        (2, 4, b"two"),
        (3, 8, b"three"),
    ]
    assert open_segments(landing) == []
    assert len(list(sealed_folder(landing).iterdir())) == 2


def test_a_full_segment_makes_place_for_the_next(landing):
    with SegmentWriter(landing, "test", max_bytes=10) as writer:
        writer.append(b"123456789\n")
        writer.append(b"next\n")
        assert len(open_segments(landing)) == 2
        assert writer.seal_finished() == 1
        assert contents(landing) == [b"123456789"]
    assert contents(landing) == [b"123456789", b"next"]


def test_a_segment_is_finished_when_its_first_line_is_old_whether_or_not_more_come(landing):
    clock = Clock()
    with SegmentWriter(landing, "test", max_seconds=10, clock=clock) as writer:
        writer.append(b"one\n")
        clock.now = 9.9
        writer.append(b"two\n")
        assert writer.seal_finished() == 0
        clock.now = 10.0
        writer.rotate_if_due()
        assert writer.seal_finished() == 1
        assert contents(landing) == [b"one", b"two"]


def test_an_empty_segment_is_removed_and_not_sealed(landing, writer, monkeypatch):
    with failing(monkeypatch, "write", errno.ENOSPC), pytest.raises(LandingError):
        writer.append(b"one\n")
    assert len(open_segments(landing)) == 1
    writer.close()
    assert open_segments(landing) == sealed_segments(landing) == []


def test_the_name_of_a_host_cannot_lead_out_of_the_landing_zone(landing):
    with SegmentWriter(landing, "../../ö.x") as writer:
        writer.append(b"one\n")
        assert [path.parent for path in open_segments(landing)] == [open_folder(landing)]


# Faults ---------------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_in_mid_write_leaves_no_half_line_and_recovers_alone(landing, writer, monkeypatch):
    writer.append(b"one\n")
    with failing(monkeypatch, "write", errno.ENOSPC, short=3), pytest.raises(LandingError):
        writer.append(b"two\n")
    [segment] = open_segments(landing)
    assert segment.read_bytes() == b"one\n"
    writer.append(b"three\n")
    assert segment.read_bytes() == b"one\nthree\n"


def test_a_short_write_is_continued(landing, writer, monkeypatch):
    writer.append(b"one\n")
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: real(descriptor, content[:2]))
    writer.append(b"two three\n")
    assert open_segments(landing)[0].read_bytes() == b"one\ntwo three\n"


def test_after_a_failed_fsync_the_segment_is_left_at_its_last_good_line(landing, writer, monkeypatch):
    writer.append(b"one\n")
    with failing(monkeypatch, "fsync", errno.EIO), pytest.raises(LandingError):
        writer.append(b"two\n")
    writer.append(b"three\n")
    spoilt, fresh = sorted(open_segments(landing), key=lambda path: path.stat().st_mtime_ns)
    assert (spoilt.read_bytes(), fresh.read_bytes()) == (b"one\n", b"three\n")
    writer.close()
    assert contents(landing) == [b"one", b"three"]


def test_a_tail_that_cannot_be_cut_off_is_still_not_sealed(landing, writer, monkeypatch):
    writer.append(b"one\n")
    with failing(monkeypatch, "ftruncate", errno.EROFS):
        with failing(monkeypatch, "write", errno.EROFS, short=2), pytest.raises(LandingError):
            writer.append(b"two\n")
        assert open_segments(landing)[0].read_bytes() == b"one\ntw"
        writer.append(b"three\n")
        writer.close()
    assert contents(landing) == [b"one", b"three"]


def test_a_segment_deleted_under_its_writer_takes_nothing_more_and_loses_nothing_acknowledged(landing, writer):
    writer.append(b"one\n")
    shutil.rmtree(landing)
    with pytest.raises(LandingError):
        writer.append(b"two\n")
    writer.append(b"three\n")
    writer.close()
    assert contents(landing) == [b"one", b"three"]


def test_a_landing_zone_that_cannot_be_made_takes_nothing_until_it_can(landing, writer):
    landing.write_text("a file in the way")
    with pytest.raises(LandingError):
        writer.append(b"one\n")
    with pytest.raises(LandingError):
        writer.probe()
    landing.unlink()
    writer.probe()
    writer.append(b"one\n")
    assert len(open_segments(landing)) == 1


def test_a_process_out_of_file_descriptors_takes_nothing_until_it_has_some(landing, writer):
    writer.probe()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    try:
        for spare in (0, 1):
            resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free + spare, hard))
            with pytest.raises(LandingError):
                writer.append(b"one\n")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert open_segments(landing) == []
    writer.append(b"one\n")


def test_a_segment_that_cannot_be_sealed_now_is_sealed_later(landing, writer):
    writer.append(b"one\n")
    sealed_folder(landing).write_text("a file in the way")
    with pytest.raises(OSError, match=r".+"):
        writer.close()
    assert open_segments(landing)[0].read_bytes() == b"one\n"
    sealed_folder(landing).unlink()
    writer.close()
    assert contents(landing) == [b"one"]


# Recovery -------------------------------------------------------------------------------------------------


def leave(landing: Path, name: str, content: bytes) -> Path:
    open_folder(landing).mkdir(parents=True, exist_ok=True)
    path = open_folder(landing) / f"{name}.ndjson"
    path.write_bytes(content)
    return path


def test_a_torn_tail_is_cut_counted_and_the_rest_sealed(landing):
    leave(landing, "a", b'{"one":1}\n{"two":')
    leave(landing, "b", b"whole\n")
    leave(landing, "c", b"torn only")
    leave(landing, "d", b"")
    assert recover(landing) == Recovery(segments_sealed=2, torn_lines=2, torn_bytes=16)
    assert contents(landing) == [b"whole", b'{"one":1}']
    assert open_segments(landing) == []
    assert recover(landing) == Recovery()


def test_the_last_whole_line_is_found_however_long_the_torn_one_is(landing):
    leave(landing, "a", b"one\n" + b"x" * 3_000_000)
    assert recover(landing).torn_bytes == 3_000_000
    assert contents(landing) == [b"one"]


def test_recovery_of_nothing_is_nothing(landing):
    assert recover(landing) == Recovery()
    assert not landing.exists()


def test_recovery_leaves_the_segment_of_a_living_writer_alone(landing, writer):
    writer.append(b"one\n")
    assert recover(landing) == Recovery()
    writer.append(b"two\n")
    assert open_segments(landing)[0].read_bytes() == b"one\ntwo\n"


def test_recovery_waits_for_no_one_who_holds_a_segment(landing):
    path = leave(landing, "a", b"one\n")
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert recover(landing) == Recovery()
    assert recover(landing).segments_sealed == 1


@pytest.mark.parametrize("step", ["before the renames", "between the renames", "before the unlink"])
def test_sealing_that_died_half_way_is_done_again_with_the_same_result(landing, writer, step):
    writer.append(b"one\ntwo\n")
    [segment] = open_segments(landing)
    writer.close()
    [data] = sealed_segments(landing)
    manifest = data.with_name(data.name + ".json")
    before = manifest.read_bytes()
    leave(landing, segment.stem, b"one\ntwo\n")
    if step != "before the unlink":
        data.rename(data.with_name(f".{data.name}.tmp"))
    if step == "before the renames":
        manifest.rename(manifest.with_name(f".{manifest.name}.tmp"))
    assert recover(landing).segments_sealed == 1
    assert manifest.read_bytes() == before
    assert contents(landing) == [b"one", b"two"]
    assert sorted(sealed_folder(landing).iterdir()) == sorted([data, manifest])


def test_a_segment_sealed_once_is_never_sealed_with_more_in_it(landing, writer):
    writer.append(b"one\n")
    [segment] = open_segments(landing)
    writer.close()
    leave(landing, segment.stem, b"one\nnever acknowledged\n")
    recover(landing)
    assert contents(landing) == [b"one"]


def test_ten_thousand_tiny_segments_need_one_descriptor_at_a_time(landing):
    for number in range(10_000):
        leave(landing, f"{number:05}", b"x\n" if number < 100 else b"")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 10, hard))
    try:
        assert recover(landing).segments_sealed == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from ingestion.landing.writer import SegmentWriter
writer = SegmentWriter(Path(sys.argv[1]), "killed", max_bytes=20_000)
for number in range(10**9):
    writer.append(b"%d %s\\n" % (number, b"x" * 500))
    writer.seal_finished()
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 30, 99])
def test_every_line_a_killed_writer_acknowledged_is_found(landing, acknowledged):
    command = [sys.executable, "-c", WRITE_FOR_EVER, str(landing)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(acknowledged):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    recover(landing)
    numbers = sorted(int(content.split()[0]) for content in contents(landing))
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= acknowledged


# Reading --------------------------------------------------------------------------------------------------


def torn(path: Path, **limits: int) -> tuple[list[bytes], TornSegmentError]:
    lines = []
    with pytest.raises(TornSegmentError) as caught:
        lines.extend(line.content for line in read_lines(path, **limits))
    return lines, caught.value


def test_only_sealed_segments_are_listed_in_the_order_of_their_names(landing):
    assert sealed_segments(landing) == []
    sealed_folder(landing).mkdir(parents=True)
    for name in ("b.ndjson.zst", "a.ndjson.zst", ".c.ndjson.zst.tmp", "a.ndjson.zst.json", "notes.txt"):
        (sealed_folder(landing) / name).touch()
    assert [path.name for path in sealed_segments(landing)] == ["a.ndjson.zst", "b.ndjson.zst"]


def test_a_file_put_there_by_hand_has_no_manifest(tmp_path):
    assert read_manifest(pack(tmp_path / "a.ndjson.zst", b"one\n")) is None


@pytest.mark.parametrize("content", [b"", zstandard.compress(b"")])
def test_an_empty_segment_has_no_lines(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    assert list(read_lines(tmp_path / "a")) == []


def test_a_torn_tail_is_reported_once_with_its_place(tmp_path):
    lines, error = torn(pack(tmp_path / "a", b"one\ntwo\nthr"))
    assert lines == [b"one", b"two"]
    assert (error.reason, error.line) == ("torn_tail", Line(3, 8, b"thr"))


def test_of_a_truncated_file_the_whole_lines_are_read(tmp_path):
    content = b"".join(b"%d %s\n" % (number, os.urandom(50).hex().encode()) for number in range(10_000))
    packed = pack(tmp_path / "a", content)
    os.truncate(packed, packed.stat().st_size // 2)
    lines, error = torn(packed)
    whole = b"".join(line + b"\n" for line in lines)
    assert len(lines) > 1000
    assert content.startswith(whole)
    assert error.line.offset == len(whole)
    assert error.line.number == len(lines) + 1


def test_an_altered_file_is_corrupt(tmp_path):
    content = b"".join(b"%d %s\n" % (number, os.urandom(50).hex().encode()) for number in range(30_000))
    packed = pack(tmp_path / "a", content)
    altered = bytearray(packed.read_bytes())
    altered[-300_000:-299_900] = bytes(100)
    packed.write_bytes(altered)
    lines, error = torn(packed)
    assert error.reason == "corrupt_segment"
    assert error.line.number == len(lines) + 1


def test_what_is_not_compressed_at_all_is_corrupt(tmp_path):
    (tmp_path / "a").write_bytes(b'{"kind":"event"}\n')
    lines, error = torn(tmp_path / "a")
    assert (lines, error.reason, error.line.offset) == ([], "corrupt_segment", 0)


def test_a_segment_that_unpacks_to_too_much_is_read_no_further(tmp_path):
    lines, error = torn(pack(tmp_path / "a", b"123456789\n" * 1000), max_bytes=55)
    assert (len(lines), error.reason, error.line.content) == (5, "segment_too_large", b"12345")


def test_a_bomb_costs_no_memory(tmp_path):
    bomb = tmp_path / "a"
    with zstandard.open(bomb, "wb") as file:
        for _ in range(200):
            file.write(bytes(1024 * 1024))
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom ingestion.landing.reader import read_lines, TornSegmentError\n"
        "resource.setrlimit(resource.RLIMIT_AS, (300 * 1024**2,) * 2)\n"
        "try: list(read_lines(Path(sys.argv[1])))\n"
        "except TornSegmentError as error: print(error.reason, len(error.line.content))"
    )
    reported = subprocess.run([sys.executable, "-c", script, bomb], capture_output=True, text=True, check=True).stdout
    assert reported == f"torn_tail {MAX_LINE_BYTES}\n"


def test_an_endless_line_is_cut_and_costs_only_itself(tmp_path):
    long = 5 * 1024 * 1024 + 17
    lines = list(read_lines(pack(tmp_path / "a", b"one\n" + b"x" * long + b"\ntwo\n")))
    assert [(line.number, line.offset, len(line.content)) for line in lines] == [
        (1, 0, 3),
        (2, 4, MAX_LINE_BYTES),
        (3, 4 + long + 1, 3),
    ]


def test_frames_written_one_after_the_other_are_one_segment(tmp_path):
    (tmp_path / "a").write_bytes(zstandard.compress(b"one\ntw") + zstandard.compress(b"o\n"))
    assert [line.content for line in read_lines(tmp_path / "a")] == [b"one", b"two"]


def test_a_segment_taken_over_twice_belongs_to_the_first(landing):
    path = leave(landing, "a", b"one\n")
    segment = Segment.adopt(path)
    assert recover(landing) == Recovery()
    segment.release()


def test_a_segment_is_finished_when_its_sealing_is_asked_for_and_only_once(landing):
    ask_to_seal(landing)
    with SegmentWriter(landing, "test", max_seconds=1000) as writer:
        writer.append(b"one\n")
        writer.rotate_if_due()
        assert writer.seal_finished() == 0, "a request from before its first line is none"
        ask_to_seal(landing)
        writer.rotate_if_due()
        assert writer.seal_finished() == 1
        writer.append(b"two\n")
        writer.rotate_if_due()
        assert writer.seal_finished() == 0
    assert contents(landing) == [b"one", b"two"]
