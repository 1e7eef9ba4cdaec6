"""Faults at every step of the collector's file work: each acknowledged event is found afterwards."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from ingestion.landing.reader import read_lines, read_manifest, sealed_segments
from ingestion.landing.writer import LandingError, SegmentWriter, recover
from tests.support.faults.crash_matrix import LANDING, LINES_EACH, SEGMENTS
from tests.support.faults.failing import fail, failing

LINES = range(SEGMENTS * LINES_EACH)


def write(landing: Path, noted: Path, after: int = -1) -> None:
    """Land the lines after a number, some to a segment; note what is acknowledged, and repeat what is refused."""
    with SegmentWriter(landing, "writer") as writer, noted.open("a") as acknowledged:
        for number in LINES[after + 1 :]:
            while True:
                with suppress(LandingError):
                    writer.append(b'{"number":%d}\n' % number)
                    break
            print(number, file=acknowledged, flush=True)
            if number % LINES_EACH == LINES_EACH - 1:
                writer.finish()
                with suppress(OSError):
                    writer.seal_finished()


@pytest.mark.parametrize("fault", LANDING)
def test_every_acknowledged_line_is_sealed_whatever_happened(tmp_path, fault):
    landing, noted = tmp_path / "landing", tmp_path / "noted"
    copies = 0
    if fault.endswith("=kill"):
        fail(fault, write, landing, noted)
        recover(landing)
        acknowledged = [int(line) for line in noted.read_text().split()]
        assert acknowledged == list(LINES)[: len(acknowledged)]
        copies = 1 if fault.startswith(("land:before_fsync", "land:after_fsync")) else 0
        write(landing, noted, after=len(acknowledged) - 1)
    else:
        with failing(fault):
            write(landing, noted)
    found = Counter(
        msgspec.json.decode(line.content)["number"]
        for segment in sealed_segments(landing)
        for line in read_lines(segment)
    )
    assert set(found) == set(LINES)
    # A line that a killed writer wrote and did not acknowledge is there twice: the kernel kept it, and it was sent again.
    assert found.total() == len(LINES) + copies
    assert list((landing / "open").iterdir()) == []
    for segment in sealed_segments(landing):
        manifest = read_manifest(segment)
        assert manifest
        assert manifest.line_count == len(list(read_lines(segment)))
