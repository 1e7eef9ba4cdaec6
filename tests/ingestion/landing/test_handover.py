"""A finished segment goes to another process as it is: open, locked, with its good length."""

import os
import resource
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ingestion.landing.handover import hand_over, make_channel, take_over
from ingestion.landing.reader import read_lines, sealed_segments
from ingestion.landing.segment import Segment
from ingestion.landing.writer import Recovery, SegmentWriter, open_folder, recover, sealed_folder


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def channel() -> Iterator[tuple[socket.socket, socket.socket]]:
    receiving, sending = make_channel()
    with receiving, sending:
        yield receiving, sending


def contents(landing: Path) -> list[bytes]:
    return sorted(line.content for path in sealed_segments(landing) for line in read_lines(path))


def give(landing: Path, sending: socket.socket, line: bytes = b"one\n") -> Path:
    """Land a line and hand its segment over; return where it lies."""
    with SegmentWriter(landing, "test", hand_over=partial(hand_over, sending)) as writer:
        writer.append(line)
        [path] = open_folder(landing).iterdir()
        writer.finish()
        assert writer.seal_finished() == 0
    return path


def take(landing: Path, receiving: socket.socket) -> int:
    """Seal what was handed over."""
    return len([segment.seal(sealed_folder(landing)) for segment in take_over(receiving)])


def test_who_takes_a_segment_seals_it_and_until_then_recovery_leaves_it_alone(landing, channel):
    receiving, sending = channel
    give(landing, sending)
    assert recover(landing) == Recovery()
    assert take(landing, receiving) == 1
    assert contents(landing) == [b"one"]
    assert list(open_folder(landing).iterdir()) == []
    assert take(landing, receiving) == 0


def test_what_lies_behind_the_good_length_is_not_sealed(landing, channel):
    receiving, sending = channel
    with give(landing, sending).open("ab") as file:
        file.write(b"refused\n")
    take(landing, receiving)
    assert contents(landing) == [b"one"]


def test_a_segment_that_was_deleted_under_its_writer_is_sealed_all_the_same(landing, channel):
    receiving, sending = channel
    give(landing, sending)
    shutil.rmtree(landing)
    take(landing, receiving)
    assert contents(landing) == [b"one"]


def test_a_writer_seals_what_nothing_takes(landing, channel):
    receiving, sending = channel
    receiving.close()
    with SegmentWriter(landing, "test", hand_over=partial(hand_over, sending)) as writer:
        writer.append(b"one\n")
        writer.finish()
        assert writer.seal_finished() == 1
    assert contents(landing) == [b"one"]


def test_a_writer_seals_what_is_too_much_for_the_other(landing, channel):
    receiving, sending = channel
    sealed = 0
    with SegmentWriter(landing, "test", hand_over=partial(hand_over, sending)) as writer:
        for number in range(1000):
            writer.append(b"%d\n" % number)
            writer.finish()
            sealed += writer.seal_finished()
            if sealed:
                break
    assert 1 + take(landing, receiving) == number + 1
    assert sorted(map(int, contents(landing))) == list(range(number + 1))


def test_a_segment_that_is_handed_over_and_never_taken_is_recovered(landing, channel):
    receiving, sending = channel
    give(landing, sending)
    receiving.close()
    assert recover(landing).segments_sealed == 1
    assert contents(landing) == [b"one"]


def test_a_process_out_of_file_descriptors_leaves_a_segment_to_recovery(landing, channel):
    receiving, sending = channel
    give(landing, sending)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        taken: list[Segment] = list(take_over(receiving))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert taken == []
    assert recover(landing).segments_sealed == 1
