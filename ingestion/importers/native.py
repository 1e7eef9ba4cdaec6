"""Import events as files of JSON, one event a line, with the fields of a posted event and three more.

* `received_at`: when they first arrived; default: the event's own `client_timestamp`. No clock is corrected.
* `ip` and `user_agent`: of the sender; default: unknown.

They may be a server's: `context`, `client_ip` and `client_user_agent` are taken as from a server's key. An event
without a `sequence` has the number of its line as one.

They pass the same checks as posted events, except that no event is too old.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ingestion.event.reception import IMPORTED_YEARS, Reception
from ingestion.event.validate import Landed, LandedEvent, LandedReject, reject, storable, validate
from ingestion.importers.intake import ImportCount, Progress, land, silent, user_agent
from ingestion.importers.lines import read_lines
from ingestion.importers.survey import require_format
from runtime.addresses import first_client, read_ip

COLLECTOR_ID = "import"
_UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)
"""Time of arrival of lines that have no time and follow no line with one."""


class _Envelope(Struct):
    """What a line says about its arrival; the event itself is `ingestion.event.validate`'s matter."""

    client_timestamp: object = None
    received_at: Annotated[datetime, Meta(tz=True)] | None = None
    ip: str | None = None
    user_agent: str | None = None


_DECODER = msgspec.json.Decoder(_Envelope)


def import_events(paths: Sequence[Path], site_id: str, landing: Path, progress: Progress = silent) -> ImportCount:
    """Land the events of the files. An event without `event_id` has one derived, the same in every import.

    Raises:
        ImporterError: a file holds no events, and nothing is landed; or it cannot be read to its end, and the lines
            before are landed.
        LandingError: the landing zone accepts no lines.
    """
    for path in paths:
        require_format(path, _is_object, "an event as a JSON object")
    return land((outcome for path in paths for outcome in _read(path, site_id)), landing, progress)


def _is_object(content: bytes) -> bool:
    """Whether a line is an event, if only by its beginning: reading it comes later, and rejects it with a reason."""
    return content.lstrip().startswith(b"{") and b'"event_name"' in content


def _read(path: Path, site_id: str) -> Iterator[Landed | None]:
    now = _UNKNOWN
    for number, content in read_lines(path):
        if not content.strip():
            yield None
            continue
        outcome = _accept(content, site_id, now, number)
        if isinstance(outcome, LandedEvent):
            # A line without a time gets the time of the line before it.
            now = outcome.received_at
        elif outcome.field is None:
            outcome = msgspec.structs.replace(outcome, field=f"line {number}")
        yield outcome


def _accept(content: bytes, site_id: str, now: datetime, number: int) -> Landed:
    unknown = Reception(site_id, now, COLLECTOR_ID, years=IMPORTED_YEARS)
    try:
        envelope = _DECODER.decode(storable(content))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        outcome = validate(content, unknown)
        if isinstance(outcome, LandedReject):
            return outcome
        fields = [name for name in _Envelope.__struct_fields__ if f"$.{name}`" in str(error)]
        return reject(content, unknown, "invalid_field", *fields)
    if envelope.received_at and envelope.received_at.year not in IMPORTED_YEARS:
        return reject(content, unknown, "invalid_timestamp", "received_at")
    ip = _address(envelope.ip or "")
    if envelope.ip and not ip:
        return reject(content, unknown, "invalid_field", "ip")
    reception = Reception(
        site_id,
        (envelope.received_at or _timestamp(envelope.client_timestamp) or now).astimezone(UTC),
        COLLECTOR_ID,
        ip=ip,
        user_agent=user_agent(envelope.user_agent),
        stored_address=_address,
        years=IMPORTED_YEARS,
    )
    return validate(content, reception, number)


def _address(field: str) -> str | None:
    return read_ip(first_client(field) or "")


def _timestamp(value: object) -> datetime | None:
    """Read a client timestamp as `ingestion.event.validate` does; None for a text that it would refuse."""
    try:
        timestamp = msgspec.convert(value, Annotated[datetime, Meta(tz=True)])
    except msgspec.ValidationError:
        return None
    return timestamp if timestamp.year in IMPORTED_YEARS else None
