"""Load sealed segments into raw.events, exactly once in effect.

Rows, rejects, ledger entry and dirty days of a file commit in one transaction, or none of them do. Files load in
several processes where there are many; only the search for duplicates is done by one at a time.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from loky import ProcessPoolExecutor
from sqlalchemy import URL, Connection, Engine, text

from ingestion.landing.folders import misplaced, plain_name
from ingestion.landing.reader import sealed_segments
from ingestion.landing.segment import SegmentManifest
from ingestion.load import ledger
from ingestion.load.contacts import Contacts
from ingestion.load.file_load import FileLoad, Untrustworthy
from ingestion.load.geoip import Places
from ingestion.load.ledger import FileCount
from ingestion.load.remove_lines import remove_lines
from ingestion.load.suppressed import Suppressed
from runtime.display import shown
from runtime.errors import FootfallError
from runtime.failpoints import reach
from runtime.files import manifest_path
from warehouse.postgres.connect import make_engine
from warehouse.privacy import suppressions, visitor_hashes

WORTH_A_PROCESS_BYTES = 4 * 1024 * 1024
"""Below this much compressed input, starting processes costs more than it saves."""


class LoadRefused(FootfallError):
    """Landed files cannot be trusted. They lie in `landing/refused`; every other file was loaded."""


@dataclass
class LoadReport:
    """The counts of one load."""

    files: int = 0
    seen_before: int = 0
    lines: int = 0
    loaded: int = 0
    duplicates: int = 0
    rejected: int = 0
    suppressed: int = 0
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        report = (
            f"{self.files:,} files, {self.lines:,} lines:"
            f" {self.loaded:,} loaded, {self.duplicates:,} duplicate, {self.rejected:,} rejected"
        )
        if self.suppressed:
            report += f", {self.suppressed:,} suppressed"
        if self.seen_before:
            report += f"; {self.seen_before:,} files seen before"
        return report + (f"; {len(self.refused)} REFUSED" if self.refused else "")

    def add(self, other: "LoadReport") -> None:
        """Add the counts of another load."""
        for name in ("files", "seen_before", "lines", "loaded", "duplicates", "rejected", "suppressed", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def raise_for_refused(self) -> None:
        """Raise an error if files were refused.

        Raises:
            LoadRefused: naming each file and why.
        """
        if self.refused:
            raise LoadRefused("\n".join(map(shown, self.refused)))


def load_sealed(
    engine: Engine,
    landing: Path,
    geoip_path: Path | None,
    contact_key: Path,
    processes: int,
    most_files: int | None = None,
) -> LoadReport:
    """Load the sealed segments, at most `most_files`, and return the counts.

    The keys of the suppressions' and of the visitors' hashes lie beside the key of contacts.
    """
    visitor_hashes.begin_hashes(engine, contact_key.with_name(visitor_hashes.KEY))
    segments = sealed_segments(landing)[:most_files]
    report = LoadReport()
    if processes > 1 and len(segments) > 1 and _bytes_of(segments) > WORTH_A_PROCESS_BYTES:
        # Unlike the standard library's, these processes do not import the program that runs, which may be Dagster.
        with ProcessPoolExecutor(processes) as pool:
            _add_up(report, pool.map(partial(_load_elsewhere, engine.url, geoip_path, contact_key, landing), segments))
    else:
        load = partial(_load_one, engine, Places(geoip_path), Contacts(contact_key), contact_key, landing)
        _add_up(report, map(load, segments))
    _add_up(report, (_refuse(engine, landing, path, reason) for path, reason in misplaced(landing).items()))
    return report


@dataclass(frozen=True)
class _Outcome:
    count: FileCount | None = None
    seen_before: bool = False
    refusal: str | None = None


def _add_up(report: LoadReport, outcomes: Iterable[_Outcome]) -> None:
    for outcome in outcomes:
        report.seen_before += outcome.seen_before
        if outcome.refusal:
            report.refused.append(outcome.refusal)
        if outcome.count:
            report.files += 1
            report.lines += outcome.count.line_count
            report.loaded += outcome.count.loaded_count
            report.duplicates += outcome.count.duplicate_count
            report.rejected += outcome.count.rejected_count
            report.suppressed += outcome.count.suppressed_count


@cache
def _equipment(url: URL, geoip_path: Path | None, contact_key: Path) -> tuple[Engine, Places, Contacts]:
    """Return the objects that a process of the pool keeps from file to file."""
    return make_engine(url), Places(geoip_path), Contacts(contact_key)


def _load_elsewhere(url: URL, geoip_path: Path | None, contact_key: Path, landing: Path, segment: Path) -> _Outcome:
    return _load_one(*_equipment(url, geoip_path, contact_key), contact_key, landing, segment)


def _load_one(
    engine: Engine, places: Places, contacts: Contacts, contact_key: Path, landing: Path, segment: Path
) -> _Outcome:
    count = FileCount(segment.name)
    try:
        with engine.begin() as connection:
            if not _claim(connection, segment):
                return _Outcome()
            keys = (contact_key.with_name(name) for name in (suppressions.KEY, visitor_hashes.KEY))
            load = FileLoad(engine, connection, segment, count, places, contacts, *keys)
            seen_before = not load.run()
            if not seen_before:
                # Live streams are read at once: see serving/live/loads.py.
                connection.execute(text("notify footfall_loaded"))
            reach("load:before_commit", connection)
        if count.suppressed_count or (seen_before and load.suppressed):
            _remove_lines(engine, segment, load.suppressed, landing / "loaded")
        # The segment moves last, so that a killed load can be repeated.
        _move(landing / "loaded", manifest_path(segment), segment)
        return _Outcome(seen_before=True) if seen_before else _Outcome(count)
    except Untrustworthy as refusal:
        with engine.begin() as connection:
            ledger.record_refusal(connection, count, str(refusal))
        # The segment moves first: without its manifest it would be trusted.
        _move(landing / "refused", segment, manifest_path(segment))
        return _Outcome(refusal=f"{segment.name}: {refusal}")
    except FileNotFoundError:
        if segment.exists():
            raise
        return _Outcome()  # Another loader finished it between our listing and our claim.


def _refuse(engine: Engine, landing: Path, path: Path, reason: str) -> _Outcome:
    """Enter what is no segment into the ledger, and move it out of the way, with its manifest if it has one."""
    refused = landing / "refused"
    name = _free_name(refused, plain_name(path.name))
    with engine.begin() as connection:
        if not _claim(connection, path):
            return _Outcome()
        ledger.record_refusal(connection, FileCount(name), reason)
    _put_aside(path, refused, name)
    if os.path.lexists(manifest_path(path)):
        _put_aside(manifest_path(path), refused, manifest_path(Path(name)).name)
    return _Outcome(refusal=f"{plain_name(path.name)}: {reason}")


def _put_aside(path: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # Another loader moved it.
        path.rename(folder / _free_name(folder, name))


def _free_name(folder: Path, name: str) -> str:
    number, free = 1, name
    while os.path.lexists(folder / free):
        number += 1
        free = f"{number}-{name}"
    return free


def _remove_lines(engine: Engine, segment: Path, suppressed: Suppressed, folder: Path) -> None:
    """Write the lines of all other people to `folder`. A file without lines of erased people is moved as it is."""

    def record(manifest: SegmentManifest) -> None:
        with engine.begin() as connection:
            ledger.record_rewritten(connection, segment.name, manifest.sha256)

    if remove_lines(segment, suppressed, folder, record):
        for path in (manifest_path(segment), segment):
            path.unlink(missing_ok=True)


def _claim(connection: Connection, segment: Path) -> bool:
    """Claim a file. Return False if another loader has claimed it, or if it is gone."""
    free = connection.scalar(
        text("select pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": plain_name(segment.name)}
    )
    return bool(free) and os.path.lexists(segment)


def _bytes_of(segments: Iterable[Path]) -> int:
    total = 0
    for segment in segments:
        with suppress(FileNotFoundError):  # Another loader was faster.
            total += segment.stat().st_size
    return total


def _move(folder: Path, *paths: Path) -> None:
    """Move loaded or refused files to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        target = folder / path.name
        if os.path.lexists(target) and (target.is_symlink() or target.is_dir()):
            _put_aside(target, folder.with_name("refused"), f"in-the-way-of-{path.name}")
        with suppress(FileNotFoundError):  # There was no manifest, or another loader moved it.
            reach("load:tidying")
            path.rename(target)
