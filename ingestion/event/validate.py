"""Turn what a client sent into an event, or say why it is not one. Touches no network, file or database."""

import hashlib
import json
import re
import uuid
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Raw, Struct, structs

from ingestion.event import address, anonymity, ids, redaction
from ingestion.event.client_event import BROWSER, NO_PROPERTIES, ClientEvent, Context, Moment
from ingestion.event.escapes import NUL, replace_lone_surrogates, strip_nul
from ingestion.event.measures import is_implausible, is_ordinary
from ingestion.event.properties import find_fault
from ingestion.event.reception import Reception
from ingestion.event.standard_events import (
    CONTACT_EVENTS,
    CONTACT_FIELDS,
    CUSTOM_EVENT_CATEGORY,
    EVENT_CATEGORIES,
    Category,
)

MAX_EVENT_BYTES: Final = 64 * 1024
MAX_PAYLOAD_BYTES: Final = 16 * 1024
MAX_USER_AGENT: Final = 512
MAX_TEXT: Final = {"page_url": 2048, "page_title": 512, "referrer": 2048}
"""Longer descriptions are cut. A longer id or name is refused: cut, it could equal another one."""
MAX_LANGUAGE: Final = 35
"""Number of characters. RFC 5646, section 4.4.1: this holds every tag in common use."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_FIELD = re.compile(r"(?:at `\$\.|field `)(\w+)")
_ID_FIELDS: Final = ("event_id", "anonymous_id", "user_id", "session_id", "page_view_id")
_ID_KEYS: Final = tuple(f'"{name}"'.encode() for name in _ID_FIELDS)
_ID_ENDING: Final = b'_id"'
_CONTENT: Final = (
    *("event_name", "client_timestamp", "event_id", "event_category", "anonymous_id", "user_id", "session_id"),
    *("page_url", "page_title", "referrer", "page_type", "page_identifier", "screen_width", "screen_height"),
)
"""Fields from which an id is derived. The list is frozen: events of years ago come again, and have the ids of then."""
_LATER_CONTENT: Final = ("sequence", "page_view_id", "page_host", "language")
"""Fields that came later, and a part of the content only where they are given."""


class LandedEvent(Struct, frozen=True, gc=False, tag_field="kind", tag="event", omit_defaults=True):
    """A valid event, stamped: one line of the landing zone."""

    site_id: str
    received_at: Moment
    occurred_at: Moment
    event_id: str
    event_name: str
    event_category: Category
    client_timestamp: datetime
    collector_id: str
    anonymous_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    page_url: str | None = None
    page_title: str | None = None
    referrer: str | None = None
    page_type: str | None = None
    page_identifier: str | None = None
    screen_width: int | None = None
    screen_height: int | None = None
    properties: Raw = NO_PROPERTIES
    ip: str | None = None
    user_agent: str | None = None
    flags: list[str] = []
    context: Context = BROWSER
    sequence: int | None = None
    """The client's own count per device, or the position in its batch or in what an importer read."""
    is_counted: bool = False
    """Whether the sequence is the client's own."""
    page_view_id: str | None = None
    """The client's own id of the page view that the event is of."""
    page_host: str | None = None
    """The host of the page; None where `page_url` names it."""
    language: str | None = None


class LandedReject(Struct, frozen=True, gc=False, tag_field="kind", tag="reject", omit_defaults=True, kw_only=True):
    """A rejected event, with the reason and its text: one line of the landing zone."""

    received_at: Moment
    collector_id: str
    reason: str
    payload: str
    site_id: str | None = None
    field: str | None = None


Landed = LandedEvent | LandedReject

_DECODER = msgspec.json.Decoder(ClientEvent)
_ENCODER = msgspec.json.Encoder()


class _RefusalError(Exception):
    def __init__(self, reason: str, field: str | None = None) -> None:
        self.reason, self.field = reason, field


def validate(raw: bytes | Raw, reception: Reception, position: int | None = None) -> Landed:
    """Make an event of one JSON document, or a reject that says why not.

    `position` is its place in what arrived. It is the event's `sequence` where the client counts none, and no part of
    its content: sent again in another place, the event is the same.
    """
    content = bytes(raw)
    try:
        return _accept(content, reception, position)
    except _RefusalError as refusal:
        return reject(b"" if reception.is_private else content, reception, refusal.reason, refusal.field)


def reject(content: bytes, reception: Reception, reason: str, field: str | None = None) -> LandedReject:
    """Wrap the text of a rejected event, redacted and cut."""
    return LandedReject(
        site_id=reception.site_id,
        received_at=reception.received_at,
        collector_id=reception.collector_id,
        reason=reason,
        field=field,
        payload=redaction.redact_text(content[:MAX_PAYLOAD_BYTES].decode(errors="replace").replace("\0", "")),
    )


def encode_line(landed: Landed) -> bytes:
    """Write an event or reject as its line in the landing zone."""
    return encode_lines([landed])


def encode_lines(landed: list[Landed]) -> bytes:
    """Write events and rejects as their lines in the landing zone."""
    return _ENCODER.encode_lines(landed)


def _accept(content: bytes, reception: Reception, position: int | None) -> LandedEvent:
    # A single byte is found, or not, in a third of the time that an escape takes.
    is_plain = b"\\" not in content
    clean = content if is_plain else storable(content)
    given = _decode(clean)
    _refuse_duplicate_ids(clean, given, is_plain)
    name, client_timestamp = given.event_name, given.client_timestamp
    category = EVENT_CATEGORIES.get(name)
    if category is None and not _NAME.fullmatch(name):
        raise _RefusalError("invalid_field", "event_name")
    speaks_for_another = given.context == "server" or bool(given.client_ip or given.client_user_agent)
    if speaks_for_another and reception.stored_address is None:
        raise _explain_no_server(given)
    if reception.is_private:
        if name != anonymity.KEPT_EVENT:
            raise _RefusalError("private")
        given = anonymity.without_person(given)
    event_id, anonymous_id = ids.normalise(given.event_id), ids.normalise(given.anonymous_id)
    user_id, session_id = ids.normalise(given.user_id, ids.NO_USER), ids.normalise(given.session_id)
    page_view_id = ids.normalise(given.page_view_id)
    names_no_person = anonymous_id is None and user_id is None
    if names_no_person and not reception.is_private and reception.find_device is None:
        raise _explain_no_person(given)
    if client_timestamp.year not in reception.years:
        raise _RefusalError("invalid_timestamp", "client_timestamp")
    occurred_at, flags = reception.occurred_at(client_timestamp)
    if reception.oldest is not None and occurred_at < reception.oldest:
        raise _RefusalError("too_old", "client_timestamp")
    if clean is not content and clean != content:
        flags.append("sanitised")
    if (event_id, anonymous_id, user_id, session_id, page_view_id).count(None) > _count_missing(given):
        flags.append("no_id")
    if reception.is_private:
        flags.append("private")
    properties = _check_properties(given.properties, name, flags)
    if len(content) > MAX_EVENT_BYTES:
        raise _RefusalError("too_large")
    ip, user_agent = _person(given, reception) if speaks_for_another else (reception.ip, reception.user_agent)
    if event_id is None:
        event_id = _derive_id(given, reception.site_id)
        if names_no_person and not reception.is_private:
            event_id = _with_user_agent(event_id, user_agent)
    if reception.is_private:
        anonymous_id = anonymity.pseudonym(reception.site_id, event_id)
    elif reception.find_device is not None:
        anonymous_id, session_id = reception.find_device(occurred_at, given.client_ip, user_agent), None
        given = structs.replace(given, sequence=None)  # A count that goes on over days would name the device.
        if anonymous_id is None and user_id is None:
            raise _RefusalError("missing_identity", "client_ip")
        if anonymous_id and page_view_id:
            page_view_id = anonymity.id_within_day(anonymous_id, page_view_id)
    # By position: more than 15 keywords Python puts into a dict first, which took a seventh of the time.
    return LandedEvent(
        reception.site_id,
        reception.received_at,
        occurred_at,
        event_id,
        name,
        given.event_category or category or CUSTOM_EVENT_CATEGORY,
        client_timestamp.astimezone(UTC),
        reception.collector_id,
        anonymous_id,
        user_id,
        session_id,
        _url(given.page_url, "page_url", flags),
        _cut(given.page_title, "page_title", flags),
        _url(given.referrer, "referrer", flags),
        given.page_type or None,
        given.page_identifier or None,
        given.screen_width,
        given.screen_height,
        properties,
        ip,
        user_agent,
        flags,
        given.context or BROWSER,
        position if given.sequence is None else given.sequence,
        given.sequence is not None,
        page_view_id,
        address.host_beside(given.page_url, given.page_host) if given.page_host else None,
        _language(given.language, flags) if given.language else None,
    )


def storable(content: bytes) -> bytes:
    """Replace `\\u` escapes in JSON that no database stores. Decoding has not looked into the properties."""
    if b"\\ud" in content or b"\\uD" in content:
        content = replace_lone_surrogates(content)
    return strip_nul(content) if NUL in content else content


def _decode(content: bytes) -> ClientEvent:
    try:
        content.decode()
        return _DECODER.decode(content)
    except msgspec.ValidationError as error:
        raise _explain(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _RefusalError("invalid_json") from None
    except RecursionError:
        raise _RefusalError("too_deep") from None


def _explain(message: str) -> _RefusalError:
    found = _FIELD.search(message)
    if not found:
        return _RefusalError("not_an_object")
    field = found[1]
    if message.startswith("Object missing"):
        return _RefusalError("missing_field", field)
    if "out of range" in message:
        return _RefusalError("number_out_of_range", field)
    if field in _ID_FIELDS:
        return _RefusalError("invalid_id", field)
    return _RefusalError("invalid_timestamp" if field == "client_timestamp" else "invalid_field", field)


def _refuse_duplicate_ids(content: bytes, given: ClientEvent, is_plain: bool) -> None:
    """Refuse repeated keys of ids: the last value would win in silence, and name another event or person.

    For nearly every event one count is enough: as many keys end like keys of ids as there are ids.
    """
    if is_plain and content.count(_ID_ENDING) == len(_ID_FIELDS) - _count_missing(given):
        return
    if (is_plain or b"\\u" not in content) and max(map(content.count, _ID_KEYS)) <= 1:
        return
    try:
        pairs = json.loads(content, object_pairs_hook=list, parse_int=str, parse_float=str)
    except RecursionError:
        raise _RefusalError("too_deep") from None
    keys = [key for key, _ in pairs]
    for name in _ID_FIELDS:
        if keys.count(name) > 1:
            raise _RefusalError("duplicate_key", name)


def _count_missing(given: ClientEvent) -> int:
    """Count the ids that are not given."""
    return (given.event_id, given.anonymous_id, given.user_id, given.session_id, given.page_view_id).count(None)


def _explain_no_person(given: ClientEvent) -> _RefusalError:
    """Name the id that is none; where none is given, say so."""
    if given.anonymous_id is None and given.user_id is None:
        return _RefusalError("missing_identity", "anonymous_id")
    return _RefusalError("invalid_id", "user_id" if given.anonymous_id is None else "anonymous_id")


def _explain_no_server(given: ClientEvent) -> _RefusalError:
    """Name the field that only a server's key may send."""
    if given.context == "server":
        return _RefusalError("server_key_required", "context")
    return _RefusalError("server_key_required", "client_ip" if given.client_ip else "client_user_agent")


def _person(given: ClientEvent, reception: Reception) -> tuple[str | None, str | None]:
    """Return address and user agent of the person whom a server speaks of. What it does not say is unknown."""
    ip = reception.stored_address(given.client_ip) if reception.stored_address and given.client_ip else None
    return ip, (given.client_user_agent or "")[:MAX_USER_AGENT] or None


def _check_properties(raw: Raw, event_name: str, flags: list[str]) -> Raw:
    content = bytes(raw)
    if content == b"null":
        return NO_PROPERTIES
    if content == b"{}":
        return Raw(content)
    if b"\n" in content or b"\r" in content:
        content = msgspec.json.format(content, indent=-1)
    if is_ordinary(event_name, content):
        return Raw(content)
    if fault := find_fault(content):
        raise _RefusalError(fault, "properties")
    if is_implausible(event_name, content):
        flags.append("implausible")
    redacted = redaction.redact_properties(content, CONTACT_FIELDS if event_name in CONTACT_EVENTS else ())
    if redacted is not content and redacted != content:
        flags.append("scrubbed")
    return Raw(redacted)


def _url(value: str | None, field: str, flags: list[str]) -> str | None:
    # Most addresses have nothing that could be a secret; looking for it here saves a call.
    if value and ("=" in value or "@" in value or "%" in value):
        redacted = redaction.redact_url(value)
        if redacted is not value and redacted != value and "scrubbed" not in flags:
            flags.append("scrubbed")
        value = redacted
    if value and (not value.isascii() or "%" in value):
        value = address.ascii_host(value)
    if not value or len(value) <= MAX_TEXT[field]:
        return value or None
    if "truncated" not in flags:
        flags.append("truncated")
    return address.cut(value, MAX_TEXT[field])


def _cut(value: str | None, field: str, flags: list[str]) -> str | None:
    if not value:
        return None
    if len(value) <= MAX_TEXT[field]:
        return value
    if "truncated" not in flags:
        flags.append("truncated")
    return value[: MAX_TEXT[field]]


def _language(given: str, flags: list[str]) -> str | None:
    """Return the first tag of `de-CH`, or of the `de_CH.UTF-8` and `de-CH,de;q=0.9` that clients send, too."""
    tag = re.split("[,;.@]", given, maxsplit=1)[0].strip().replace("_", "-")
    if len(tag) <= MAX_LANGUAGE and _LANGUAGE_TAG.fullmatch(tag):
        return tag
    if "implausible" not in flags:
        flags.append("implausible")
    return None


def _derive_id(given: ClientEvent, site_id: str) -> str:
    """A UUID from the content alone, so that the same event sent again has the same id."""
    fields = {name: getattr(given, name) for name in _CONTENT}
    if given.context not in (None, BROWSER):
        fields["context"] = given.context
    for name in _LATER_CONTENT:
        if (value := getattr(given, name)) is not None:
            fields[name] = value
    content = [site_id, fields, msgspec.json.decode(given.properties)]
    digest = hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def _with_user_agent(event_id: str, user_agent: str | None) -> str:
    """Derive on: people of whom no id is known look at one page at one moment, and only this distinguishes them.

    The address does not count: an id is stored for longer, and an address could be found from it by trying them all.
    """
    return str(uuid.uuid5(uuid.UUID(event_id), user_agent or ""))
