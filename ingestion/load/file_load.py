"""One sealed segment on its way into the database, all in one transaction that the caller commits.

Each line is counted: as a row, a duplicate, a reject, or a dropped line of an erased person. `loader` finds the files
and moves them.
"""

import errno
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import zstandard
from sqlalchemy import Connection, Engine, text

from ingestion.event.reception import IMPORTED_YEARS
from ingestion.event.validate import Landed, LandedEvent
from ingestion.landing.reader import Line, TornSegmentError, read_blocks, read_manifest, split_lines
from ingestion.landing.segment import SegmentManifest
from ingestion.load import contacts, copy_text, duplicates, ledger, user_agents
from ingestion.load.contacts import Contacts
from ingestion.load.geoip import Places
from ingestion.load.ledger import FileCount
from ingestion.load.rows import COLUMNS, local_day, make_row
from ingestion.load.suppressed import Suppressed
from runtime.failpoints import reach
from warehouse.access.zones import zone_of
from warehouse.postgres.locks import DEDUPLICATION, LOADS, exclusive, shared
from warehouse.privacy import visitor_hashes
from warehouse.privacy.suppressions import read_key, read_suppressions
from warehouse.publication.dirty_days import SiteDay
from warehouse.tables.partitions import ensure_partition

CHUNK_LINES = 10_000
_UNKNOWN = ZoneInfo("UTC")
"""The zone by which events are dated whose site has none that is known."""
_NOT_ITS_FAULT = {errno.ENOENT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR}
"""Errors of reading that say nothing about the file itself."""


class Untrustworthy(Exception):
    """Why a file is refused."""


class FileLoad:
    """One file, one transaction. `run` once."""

    def __init__(
        self,
        engine: Engine,
        connection: Connection,
        segment: Path,
        count: FileCount,
        places: Places,
        contacts: Contacts,
        suppression_key: Path,
        visitor_key: Path,
    ) -> None:
        self._engine, self._connection, self._segment = engine, connection, segment
        self._count, self._places, self._contacts = count, places, contacts
        self._visitor_key = visitor_key
        # An erasure that begins now waits for this file; the suppressions of earlier ones are visible here.
        shared(connection, LOADS)
        self.suppressed = suppressed_by(connection, suppression_key)
        self._suppresses = bool(self.suppressed)
        self._zones = {
            # Events of a site with an unknown zone are dated anew as soon as it is known.
            row.site_id: zone_of(row.timezone) or _UNKNOWN
            for row in connection.execute(text("select site_id, timezone from ops.sites"))
        }
        self._sealed_days: set[date] = set(connection.execute(text("select event_date from ops.frozen_days")).scalars())
        self._rows_on: Counter[SiteDay] = Counter()
        self._user_agents: set[str] = set()
        self._visitors: dict[tuple[str, str], date] = {}
        self._digest = hashlib.sha256()
        self._is_unpacked = True

    def run(self) -> bool:
        """Load it; False when a file of this content was loaded before.

        Raises:
            Untrustworthy: its content differs from what was sealed, or from what was loaded under its name.
        """
        manifest = self._read_manifest()
        if manifest and any(ledger.is_loaded(self._connection, each) for each in (manifest.sha256, *manifest.was)):
            if _checksum(self._segment) != manifest.sha256:
                raise Untrustworthy("it is sealed as a file that was loaded before, but its content is another")
            return False
        self._file_id = ledger.next_file_id(self._connection)
        duplicates.create_keys(self._connection)
        for chunk in _chunks(self._lines(), CHUNK_LINES):
            self._load_chunk(chunk)
        self._count.checksum = self._digest.hexdigest() if self._is_unpacked else _checksum_of_damaged(self._segment)
        self._compare(manifest)
        exclusive(self._connection, DEDUPLICATION)
        if ledger.is_loaded(self._connection, self._count.checksum):
            self._connection.rollback()
            return False
        self._finish()
        return True

    def _read_manifest(self) -> SegmentManifest | None:
        try:
            return read_manifest(self._segment)
        except msgspec.DecodeError as error:
            raise Untrustworthy(f"its manifest cannot be read: {error}") from None
        except OSError as error:
            raise _fault_of(error, "its manifest cannot be read") from error

    def _lines(self) -> Iterator[Line]:
        """Give the whole lines. A torn tail counts as one line and is rejected once, with its offset."""
        try:
            yield from split_lines(self._blocks())
        except TornSegmentError as torn:
            self._count.line_count += 1
            self._is_unpacked = torn.is_unpacked
            if self.suppressed.has_line(torn.line.content):
                self._count.suppressed_count += 1
            else:
                self._reject([_Reject(torn.line, torn.reason)])

    def _blocks(self) -> Iterator[bytes]:
        try:
            for block in read_blocks(self._segment):
                self._digest.update(block)
                self._count.byte_count += len(block)
                yield block
        except OSError as error:
            raise _fault_of(error, "it cannot be read") from error

    def _load_chunk(self, lines: list[Line]) -> None:
        arrivals: list[_Arrival] = []
        rejects: list[_Reject] = []
        for line in lines:
            self._sort(line, arrivals, rejects)
        self._count.line_count += len(lines)
        reach("load:chunk", self._connection)
        for day in {found.day for found in arrivals} - {day for _, day in self._rows_on}:
            ensure_partition(self._engine, day)
        loaded = list(self._load(arrivals, rejects))
        self._copy(_COPY_KEYS, [found.key for found in loaded])
        # Contacts of copies are deleted again when duplicates are found.
        self._copy(_COPY_CONTACTS, [found.contact for found in loaded if found.contact])
        self._rows_on.update(SiteDay(found.site_id, found.day) for found in loaded)
        for found in loaded:
            visitor = found.site_id, found.visitor_id
            self._visitors[visitor] = max(found.day, self._visitors.get(visitor, found.day))
        self._reject(rejects)

    def _sort(self, line: Line, arrivals: list["_Arrival"], rejects: list["_Reject"]) -> None:
        """Sort a line: an event to insert, a reject, or a line of an erased person."""
        try:
            landed = decode(line.content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if self.suppressed.has_line(line.content):
                self._count.suppressed_count += 1
            else:
                rejects.append(_Reject(line, "corrupt_line"))
            return
        self._count.saw(landed.received_at)
        if self._suppresses and self.suppressed.has(landed):
            self._count.suppressed_count += 1
        elif not isinstance(landed, LandedEvent):
            rejects.append(
                _Reject(line, landed.reason, landed.field, landed.site_id, landed.received_at, landed.payload)
            )
        elif not (zone := self._zones.get(landed.site_id)):
            rejects.append(_Reject(line, "unknown_site", "site_id", landed.site_id, landed.received_at))
        elif (day := local_day(landed.occurred_at, zone)) in self._sealed_days:
            rejects.append(_Reject(line, "too_old", "client_timestamp", landed.site_id, landed.received_at))
        else:
            if landed.user_agent:
                self._user_agents.add(landed.user_agent)
            arrivals.append(self._arrival(line, landed, day))

    def _arrival(self, line: Line, event: LandedEvent, day: date) -> "_Arrival":
        contact = self._contacts.of(event)
        place = self._places.of(event.ip)
        values = make_row(event, day, place, contact and contact.contact_hash, self._file_id, line.number)
        return _Arrival(
            line,
            event.site_id,
            visitor_hashes.visitor_id(event.anonymous_id, event.user_id),
            event.received_at,
            day,
            copy_text.row(values),
            copy_text.row((event.site_id, event.event_id)),
            contact and copy_text.row(contacts.make_row(dict(zip(COLUMNS, values, strict=True)), contact)),
        )

    def _load(self, arrivals: list["_Arrival"], rejects: list["_Reject"]) -> Iterator["_Arrival"]:
        """Copy events and give those that were inserted. If the database refuses one, the others are inserted."""
        try:
            with self._connection.begin_nested():
                self._copy(_COPY_EVENTS, [found.event for found in arrivals])
        except (psycopg.DataError, psycopg.errors.CheckViolation) as error:
            if len(arrivals) == 1:
                (found,), why = arrivals, str(error).splitlines()[0]
                rejects.append(_Reject(found.line, "refused_by_database", why, found.site_id, found.received_at))
                return
            middle = len(arrivals) // 2
            yield from self._load(arrivals[:middle], rejects)
            yield from self._load(arrivals[middle:], rejects)
        else:
            yield from arrivals

    def _copy(self, statement: str, rows: list[str]) -> None:
        if rows:
            with self._cursor().copy(statement) as copy:
                copy.write(copy_text.block(rows))

    def _reject(self, rejects: list["_Reject"]) -> None:
        if rejects:
            with self._cursor().copy(_COPY_REJECTS) as copy:
                for reject in rejects:
                    copy.write_row(reject.values(self._file_id))
        self._count.rejected_count += len(rejects)

    def _compare(self, manifest: SegmentManifest | None) -> None:
        count = self._count
        known = ledger.known_checksum(self._connection, count.file_name)
        if known and known != count.checksum and not ledger.is_loaded(self._connection, count.checksum):
            raise Untrustworthy("a file of this name was loaded before, with other content")
        if manifest and not (self._is_unpacked and manifest.sha256 == count.checksum):
            raise Untrustworthy(
                f"its content is not what was sealed ({count.line_count:,} lines, {count.byte_count:,} bytes;"
                f" sealed were {manifest.line_count:,} lines, {manifest.byte_count:,} bytes)"
            )

    def _finish(self) -> None:
        """Do the steps that only one loader does at a time: enrich, deduplicate, enter the file into the ledger."""
        user_agents.store(self._connection, {user_agents.user_agent_id(found): found for found in self._user_agents})
        key = visitor_hashes.read_key(self._connection, self._visitor_key)
        visitor_hashes.store(self._connection, key, self._visitors)
        deduplicated = duplicates.deduplicate(self._connection, self._file_id, {day for _, day in self._rows_on})
        self._count.duplicate_count = deduplicated.duplicates
        self._count.rejected_count += deduplicated.conflicts
        self._count.loaded_count = sum(self._rows_on.values()) - deduplicated.duplicates - deduplicated.conflicts
        dirty = {on for on, rows in self._rows_on.items() if rows > deduplicated.lost_on.get(on, 0)}
        if sealed := {day for _, day in dirty} & set(
            self._connection.execute(text("select event_date from ops.frozen_days")).scalars()
        ):
            raise RuntimeError(f"{min(sealed)} was pruned while {self._segment.name} was loading; load it again")
        ledger.record(self._connection, self._file_id, self._count, dirty)

    def _cursor(self) -> psycopg.Cursor:
        driver: Any = self._connection.connection.driver_connection
        return driver.cursor()


def suppressed_by(connection: Connection, key: Path) -> Suppressed:
    """Return the filter of suppressed people's lines. Without suppressions it needs no key."""
    suppressions = read_suppressions(connection)
    return Suppressed(suppressions, read_key(key) if suppressions else b"")


class _Arrival(msgspec.Struct, frozen=True, gc=False):
    """An event to insert: its rows, and the data for a reject if the database refuses them.

    Keeping the event itself until its chunk is copied takes a sixth more time: the processor's cache is too small.
    """

    line: Line
    site_id: str
    visitor_id: str
    received_at: datetime
    day: date
    event: str
    key: str
    contact: str | None


@dataclass(frozen=True)
class _Reject:
    line: Line
    reason: str
    field: str | None = None
    site_id: str | None = None
    received_at: datetime | None = None
    payload: str | None = None
    """The client's payload; None: the line itself."""

    def values(self, file_id: int) -> tuple:
        payload = self.line.content.decode(errors="replace") if self.payload is None else self.payload
        texts = (self.reason, self.field, payload[: duplicates.MAX_PAYLOAD], self.site_id)
        return (
            *(file_id, self.line.number, self.line.offset, self.received_at or datetime.now(UTC)),
            *(found and found.replace("\0", "") for found in texts),
        )


_DECODER = msgspec.json.Decoder(Landed)
_COPY_EVENTS = f"copy raw.events ({', '.join(COLUMNS)}) from stdin"
_COPY_KEYS = "copy loading_keys from stdin"
_COPY_CONTACTS = f"copy ops.contact_vault ({', '.join(contacts.COLUMNS)}) from stdin"
_COPY_REJECTS = (
    "copy raw.rejects (file_id, line_number, byte_offset, received_at, reason, field, payload, site_id) from stdin"
)


def decode(content: bytes) -> Landed:
    """Read a landed line. Lines written by hand may hold values that the collector never writes."""
    content.decode()  # msgspec does not decode the properties.
    landed = _DECODER.decode(content)
    is_event = isinstance(landed, LandedEvent)
    moments = (landed.received_at, landed.occurred_at) if is_event else (landed.received_at,)
    if any(moment.year not in IMPORTED_YEARS for moment in moments):
        raise msgspec.ValidationError("a moment out of range")
    if is_event and "\0" in (landed.user_agent or ""):
        raise msgspec.ValidationError("a user agent that no database stores")
    return landed


def _fault_of(error: OSError, what: str) -> Exception:
    """Return why a file is refused, or the error itself where another file would fare no better."""
    return error if error.errno in _NOT_ITS_FAULT else Untrustworthy(f"{what}: {error.strerror or error}")


def _checksum_of_damaged(segment: Path) -> str:
    """Return the checksum by which a file that cannot be unpacked to its end is known: that of its name and bytes.

    What could be unpacked of it may be all of another file, and is not all of this one.
    """
    digest = hashlib.sha256(segment.name.encode() + b"\0")
    with segment.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()


def _checksum(segment: Path) -> str | None:
    """SHA-256 of the unpacked content, or None if it cannot be unpacked."""
    digest = hashlib.sha256()
    try:
        for block in read_blocks(segment):
            digest.update(block)
    except zstandard.ZstdError:
        return None
    return digest.hexdigest()


def _chunks(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    chunk: list[Line] = []
    for line in lines:
        chunk.append(line)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
