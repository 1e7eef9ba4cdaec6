"""Whatever lies among the sealed segments: it is refused by name, all segments are loaded, and each line is accounted for."""

import os
import socket
from contextlib import suppress

import pytest
import zstandard

from ingestion.landing.folders import MAX_NAME_BYTES, misplaced
from ingestion.landing.reader import is_whole, sealed_segments
from ingestion.landing.writer import SegmentWriter, recover
from ingestion.load.loader import load_sealed
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.failing import failing
from tests.support.ingestion.loads import counts, crafted, drop_by_hand, reasons
from warehouse.access.sites import add_site

NAME = "20261110T080000-odd.ndjson.zst"


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing")


@pytest.fixture
def load(engine, landing):
    """Load what is sealed; each file's lines and the whole zone's must add up."""
    with engine.begin() as connection:
        add_site(connection, "shop")

    def load(processes=1):
        report = load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", processes)
        require_balance(engine)
        return report

    return load


def link_to_itself(path):
    path.symlink_to(path.name)


def full_folder(path):
    path.mkdir()
    (path / "inside").write_text("x")


def listening_socket(path):
    with socket.socket(socket.AF_UNIX) as listening, suppress(OSError):
        here = os.open(path.parent, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{here}/{path.name}")
        os.close(here)


ODD = {
    "folder": os.mkdir,
    "full folder": full_folder,
    "link to itself": link_to_itself,
    "link to nothing": lambda path: path.symlink_to("nowhere"),
    "link to a folder": lambda path: path.symlink_to("/"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to a segment": lambda path: path.symlink_to("../loaded/any.ndjson.zst"),
    "pipe": os.mkfifo,
    "socket": listening_socket,
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", [NAME, "a.txt", f"{NAME}.json"])
def test_what_is_no_file_is_refused_by_name_and_all_others_load(engine, landing, load, make, name):
    landing.land(event("2026-11-10 08:00"))
    make(landing.folder / "sealed" / name)
    landing.land(event("2026-11-10 08:01"))
    report = load()
    assert (report.loaded, [each.partition(":")[0] for each in report.refused]) == (2, [name])
    assert os.path.lexists(landing.folder / "refused" / name)
    assert list((landing.folder / "sealed").iterdir()) == []
    assert rows(engine, "select file_name, reason is not null from ops.landed_files where state = 'refused'") == [
        (name, True)
    ]
    assert load().refused == []


@pytest.mark.parametrize(
    "name",
    [
        *(b"notes.txt", b"a.ndjson", b"a.ndjson.gz", b"a.zst", b"a.NDJSON.ZST", b"a.ndjson.zst ", b"a.ndjson.zst.1"),
        *(b"a\nb.ndjson.zst", b"\x1b]52;c;eA==\x07.ndjson.zst", b"\xff\xfe.ndjson.zst", b"\xe2\x80\xae.ndjson.zst"),
        *(b"x" * 246 + b".ndjson.zst"[:9], b"x" * 244 + b".ndjson.zst", b"x" * (MAX_NAME_BYTES - 10) + b".ndjson.zst"),
    ],
)
def test_a_file_with_another_s_name_is_refused_by_name_and_all_others_load(engine, landing, load, name):
    landing.land(event("2026-11-10 08:00"))
    odd = os.path.join(os.fsencode(landing.folder / "sealed"), name)
    with open(odd, "wb") as file:
        file.write(zstandard.compress(crafted()))
    report = load()
    assert (report.loaded, len(report.refused)) == (1, 1)
    assert report.refused[0].isprintable()
    assert not os.path.lexists(odd)
    [(entered,)] = rows(engine, "select file_name from ops.landed_files where state = 'refused'")
    assert (landing.folder / "refused" / entered).read_bytes() == zstandard.compress(crafted())
    assert load().refused == []


def test_odd_things_of_one_name_are_all_kept(landing, load):
    for _ in range(3):
        landing.land(event("2026-11-10 08:00"))
        (landing.folder / "sealed" / NAME).mkdir()
        assert len(load().refused) == 1
    assert {path.name for path in (landing.folder / "refused").iterdir()} == {NAME, f"2-{NAME}", f"3-{NAME}"}


def test_a_manifest_without_its_file_is_reported_once(landing, load):
    landing.land(event("2026-11-10 08:00"))
    landing.land(event("2026-11-10 08:01"))
    gone, _ = sealed_segments(landing.folder)
    gone.unlink()
    report = load()
    assert report.loaded == 1
    assert report.refused == [f"{gone.name}.json: its manifest is here, but the file itself is gone"]
    assert load().refused == []


def test_the_manifest_of_a_segment_that_is_being_sealed_is_in_order(landing):
    writer = SegmentWriter(landing.folder, "writer")
    writer.append(crafted())
    writer.finish()
    with failing("seal:after_manifest#1=EIO"), suppress(OSError):
        writer.seal_finished()
    assert [path.suffix for path in (landing.folder / "sealed").glob("[!.]*")] == [".json"]
    assert misplaced(landing.folder) == {}
    writer.close()
    assert len(sealed_segments(landing.folder)) == 1


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_a_segment_whose_manifest_is_no_file_is_refused(landing, load, make):
    landing.land(event("2026-11-10 08:00"))
    [segment] = sealed_segments(landing.folder)
    manifest = segment.with_name(f"{segment.name}.json")
    manifest.unlink()
    make(manifest)
    landing.land(event("2026-11-10 08:01"))
    report = load()
    assert (report.loaded, len(report.refused)) == (1, 1)
    assert "manifest" in report.refused[0]
    assert load().refused == []


def test_a_file_that_cannot_be_read_is_refused_and_all_others_load(landing, load, monkeypatch):
    from ingestion.load import file_load

    landing.land(event("2026-11-10 08:00"))
    broken = drop_by_hand(landing, crafted(), "a-broken")
    read = file_load.read_blocks

    def read_blocks(segment):
        if segment == broken:
            raise OSError(5, "Input/output error")
        return read(segment)

    monkeypatch.setattr(file_load, "read_blocks", read_blocks)
    report = load()
    assert (report.loaded, report.refused) == (1, [f"{broken.name}: it cannot be read: Input/output error"])


@pytest.mark.parametrize("make", [full_folder, link_to_itself, os.mkdir, lambda path: path.symlink_to("/")])
def test_what_lies_where_a_file_goes_is_put_aside(landing, load, make):
    landing.land(event("2026-11-10 08:00"))
    landing.land(event("2026-11-10 08:01"))
    [first, _] = sealed_segments(landing.folder)
    (landing.folder / "loaded").mkdir()
    make(landing.folder / "loaded" / first.name)
    assert load().loaded == 2
    assert (landing.folder / "loaded" / first.name).is_file()
    assert sealed_segments(landing.folder) == []


# What cannot be unpacked -----------------------------------------------------------------------------------


GARBAGE = [
    b"no zstd at all",
    b"\x28\xb5\x2f\xfd",
    zstandard.compress(crafted())[:20],
    b"\x28\xb5\x2f\xfd\xff\xff",
    b"\0",
]


def test_files_that_cannot_be_unpacked_are_never_seen_before_and_their_lines_balance(engine, landing, load):
    drop_by_hand(landing, b"", "a-empty")
    load()
    for number, garbage in enumerate([*GARBAGE, GARBAGE[0]]):
        drop_by_hand(landing, b"", f"b-{number}").write_bytes(garbage)
    report = load()
    assert (report.files, report.seen_before, report.lines, report.rejected) == (6, 0, 6, 6)
    assert counts(engine) == (6, 0, 0, 6)
    assert load().lines == 0


def noise(number):
    return b"".join(crafted(event_id=f"e{n}", page_title=os.urandom(400).hex()) for n in range(number))


def test_a_file_whose_beginning_is_all_of_another_is_another(engine, landing, load):
    """What can be unpacked of it is what was loaded before, to the byte; what follows cannot."""
    content = noise(5)
    whole = drop_by_hand(landing, content, "a-whole").read_bytes()
    assert load().loaded == 5
    drop_by_hand(landing, b"", "b-tail").write_bytes(whole + b"more, but no zstd")
    drop_by_hand(landing, b"", "c-half-a-frame").write_bytes(whole + zstandard.compress(crafted())[:15])
    report = load()
    assert (report.seen_before, report.files, report.lines, report.duplicates, report.rejected) == (0, 2, 12, 10, 2)
    assert sorted(reasons(engine)) == ["corrupt_segment", "torn_tail"]


def test_a_file_cut_off_between_two_lines_says_so(engine, landing, load):
    """Its blocks end where a line does: nothing of what is there shows that more was to come."""
    compressor = zstandard.ZstdCompressor().compressobj()
    first = compressor.compress(noise(3)) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    drop_by_hand(landing, b"", "cut").write_bytes(first)
    report = load()
    assert (report.loaded, report.rejected, report.lines) == (3, 1, 4)
    assert reasons(engine) == ["torn_tail"]


def test_a_damaged_file_whose_load_was_killed_is_loaded_once(engine, landing, load):
    damaged = drop_by_hand(landing, b"", "damaged")
    damaged.write_bytes(zstandard.compress(noise(3)) + b"x")
    assert load().loaded == 3
    (landing.folder / "loaded" / damaged.name).rename(damaged)
    assert (load().seen_before, counts(engine)) == (1, (4, 3, 0, 1))


@pytest.mark.parametrize("options", [{}, {"write_checksum": True}, {"write_content_size": False}, {"level": 19}])
@pytest.mark.parametrize(
    "content",
    [b"", b"a", bytes(5_000_000), os.urandom(300_000), b"abc" * 100_000],
    ids=["empty", "one byte", "nulls", "noise", "repeated"],
)
def test_whole_files_are_known_from_cut_ones(tmp_path, content, options):
    packed = zstandard.ZstdCompressor(**options).compress(content)
    skipped = b"\x50\x2a\x4d\x18\x03\0\0\0abc"
    path = tmp_path / "a"
    for whole in (packed, packed + packed, skipped + packed, packed + skipped):
        path.write_bytes(whole)
        assert is_whole(path)
    for cut in {1, 2, 3, 4, 5, 6, len(packed) // 2, len(packed) - 1}:
        path.write_bytes(packed + packed[: -cut or None])
        assert is_whole(path) == (cut == len(packed))


# Where segments are written --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_odd_things_among_open_segments_keep_no_segment_from_being_sealed(landing, make):
    folder = landing.folder / "open"
    folder.mkdir(parents=True)
    make(folder / "a.ndjson")
    (folder / "b.ndjson").write_bytes(crafted())
    assert recover(landing.folder).segments_sealed == 1
    assert len(sealed_segments(landing.folder)) == 1
