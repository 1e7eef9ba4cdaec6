"""Land rejected events again that pass the rules of today. The loader loads them as it loads all that is landed.

A replay may be killed anywhere and run again: its events have the ids that they had, so that each counts once. What is
known of a reject is what it said and when it came: address, user agent and the client's clock are not, and it has no
key, so that it cannot speak for others. Lines that the loader itself rejected are whole, and come as they were, but for
their collector: `replay-17` is reject 17. So no file of a replay is the file of before, which the ledger would know,
unless the same replay is repeated.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Engine, Row, text

from ingestion.event.reception import Reception
from ingestion.event.validate import LandedEvent, encode_line, validate
from ingestion.landing.writer import SegmentWriter
from ingestion.load.file_load import decode
from ingestion.load.rows import local_day
from ingestion.rejects.found import Wanted
from runtime.failpoints import reach
from warehouse.access.zones import zone_of
from warehouse.postgres.locks import REPLAY, held

COLLECTOR_ID: Final = "replay"
"""With the number of the reject, the collector of an event that was replayed."""
_BATCH: Final = 1_000
_OF_THE_LOADER: Final = frozenset(
    ("corrupt_line", "corrupt_segment", "refused_by_database", "segment_too_large", "torn_tail", "unknown_site")
)
"""Reasons of whole lines of the landing zone; the others are of what a client said."""


@dataclass
class Replay:
    """What became of the rejects that were looked at."""

    landed: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """Reason of today → number of rejects that stay."""


@dataclass(frozen=True)
class _Rules:
    """What an event is judged by beside its own content."""

    oldest: datetime | None
    zones: dict[str, ZoneInfo]
    cookieless: frozenset[str]
    frozen: frozenset[date]
    named: str | None
    """The reason that was asked for."""

    def judge(self, row: Row) -> LandedEvent | str:
        """Return the event, or the reason for which it is still none."""
        if row.reason == "id_conflict" or not row.payload:
            return row.reason
        if row.reason == "refused_by_database" and self.named != row.reason:
            return row.reason  # Only the database can say whether it takes it now.
        event = self._whole(row)
        if row.reason in _OF_THE_LOADER or event:
            found = event or row.reason
        elif row.field == "reason":  # Of a request to end a session: no rule for events knows it.
            found = row.reason
        else:
            found = self._said(row)
        return self._loadable(found) if isinstance(found, LandedEvent) else found

    def _whole(self, row: Row) -> LandedEvent | None:
        """Return the event that the loader rejected. A client that wrote such a line is not believed."""
        try:
            landed = decode(row.payload.encode())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        if not isinstance(landed, LandedEvent):
            return None
        is_ours = landed.site_id == row.site_id and landed.received_at == row.received_at
        if not is_ours and row.reason not in _OF_THE_LOADER:
            return None
        return msgspec.structs.replace(landed, collector_id=_collector_of(row))

    def _said(self, row: Row) -> LandedEvent | str:
        reception = Reception(
            site_id=row.site_id,
            received_at=row.received_at.astimezone(UTC),
            collector_id=_collector_of(row),
            oldest=self.oldest,
            find_device=(lambda *_: None) if row.site_id in self.cookieless else None,
        )
        landed = validate(row.payload.encode(), reception)
        return landed if isinstance(landed, LandedEvent) else landed.reason

    def _loadable(self, event: LandedEvent) -> LandedEvent | str:
        zone = self.zones.get(event.site_id)
        if zone is None:
            return "unknown_site"
        return "too_old" if local_day(event.occurred_at, zone) in self.frozen else event


def replay(engine: Engine, landing: Path, wanted: Wanted) -> Replay:
    """Land what passes now, seal it, and note it. A second replay finds nothing of it.

    Raises:
        LandingError: the landing zone takes no lines; nothing is noted.
    """
    done = Replay()
    with held(engine, REPLAY), engine.connect() as reading, engine.begin() as connection:
        rules = _read_rules(connection, wanted)
        with (
            SegmentWriter(landing, COLLECTOR_ID, max_seconds=math.inf) as writer,
            _batches(reading, wanted) as batches,
        ):
            for batch in batches:
                events = {row.reject_id: rules.judge(row) for row in batch}
                passed = {number: event for number, event in events.items() if isinstance(event, LandedEvent)}
                done.landed += len(passed)
                done.left.update(reason for reason in events.values() if isinstance(reason, str))
                if passed:
                    writer.append(b"".join(map(encode_line, passed.values())))
                    writer.seal_finished()
                    connection.execute(_NOTE, {"rejects": list(passed)})
                reach("replay:batch", connection)
        reach("replay:sealed", connection)
    return done


def _collector_of(row: Row) -> str:
    return f"{COLLECTOR_ID}-{row.reject_id}"


@contextmanager
def _batches(connection: Connection, wanted: Wanted) -> Iterator[Iterator[Sequence[Row]]]:
    """Read the rejects in the order in which they came, so that a replay that is repeated lands the same lines."""
    with connection.execution_options(yield_per=_BATCH).execute(wanted.where(_REJECTS)) as found:
        yield found.partitions(_BATCH)


def _read_rules(connection: Connection, wanted: Wanted) -> _Rules:
    sites = connection.execute(text("select site_id, timezone, identity from ops.sites")).all()
    keep_days = connection.scalar(text("select min(keep_days) from ops.retention_policies where policy = 'raw_events'"))
    return _Rules(
        oldest=None if keep_days is None else datetime.now(UTC) - timedelta(days=keep_days),
        zones={row.site_id: zone_of(row.timezone) or ZoneInfo("UTC") for row in sites},
        cookieless=frozenset(row.site_id for row in sites if row.identity == "cookieless"),
        frozen=frozenset(connection.execute(text("select event_date from ops.frozen_days")).scalars()),
        named=wanted.reason,
    )


_REJECTS = """
select r.reject_id, r.site_id, r.received_at, r.reason, r.field, r.payload
from raw.rejects as r
where {wanted}
order by r.reject_id
"""
_NOTE = text("update raw.rejects set replayed_at = now() where reject_id = any(:rejects)")
