"""The end of a session, asked for in a request of its own: an event whose id is derived, so that it counts once."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Raw, Struct, structs

from ingestion.event.batch import Batch, decode_body
from ingestion.event.client_event import Moment
from ingestion.event.reception import Reception
from ingestion.event.validate import Landed, LandedReject, reject, validate

REASONS: Final = ("sign_out", "user_switch", "page_unload")
_NULL: Final = b"null"
_SENT_AS: Final = {"client_timestamp": "ended_at", "properties": "reason"}
"""Field of the event → the field of the request that it is made of."""


class SessionEnd(Struct, frozen=True):
    """What a request says beside who it is. The fields of an event, such as `anonymous_id`, stand with these."""

    reason: Raw = Raw(_NULL)
    ended_at: Raw = Raw(_NULL)
    sent_at: Moment | None = None
    consent: bool = True


_DECODER = msgspec.json.Decoder(SessionEnd)


def read_session_end(body: bytes, now: datetime) -> Batch:
    """Make a batch of one event of a body.

    Without `ended_at` the session ends now, by the server's clock. The time is then the end of this minute, so that a
    call repeated within the minute is the same event; `occurred_at` is never later than the receipt.

    Raises:
        BatchError: it is not UTF-8, not JSON, or not of the shape `{"anonymous_id": …, "reason": …, "ended_at": …}`.
    """
    given = decode_body(_DECODER, body, '{"anonymous_id": …, "reason": …, "ended_at": …}')
    reason, ended_at = bytes(given.reason), bytes(given.ended_at)
    if reason == _NULL:
        reason = b'"sign_out"'
    sent_at = given.sent_at
    if ended_at == _NULL:
        sent_at = None  # The time is no client's, and needs no correction.
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        ended_at = msgspec.json.encode(minute + timedelta(minutes=1))
    # Of a name that is given twice the last value counts: the event's own fields come last.
    said = body.strip()[1:-1].strip()
    event = (
        b'{%b%b"event_name":"session_ended","event_category":"system","client_timestamp":%b,"properties":{"reason":%b}}'
    )
    return Batch([Raw(event % (said, b"," if said else b"", ended_at, reason))], sent_at, given.consent)


def validate_session_end(raw: bytes | Raw, reception: Reception, position: int | None = None) -> Landed:
    """Make the event, or a reject that says why not. Its id follows from site, person, reason and client's time."""
    landed = validate(raw, reception, position)
    if isinstance(landed, LandedReject):
        return structs.replace(landed, field=_SENT_AS.get(landed.field or "", landed.field))
    reason = msgspec.json.decode(landed.properties)["reason"]
    if reason not in REASONS:
        return reject(bytes(raw), reception, "invalid_field", "reason")
    person = landed.anonymous_id or f"user:{landed.user_id}"
    content = [landed.event_name, landed.site_id, person, reason, landed.client_timestamp]
    digest = hashlib.sha256(msgspec.json.encode(content)).digest()
    return structs.replace(landed, event_id=str(uuid.UUID(bytes=digest[:16], version=5)))
