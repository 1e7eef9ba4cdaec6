"""What people leave of themselves in an event: e-mail address, phone number, name. Touches no database.

It goes into the vault (`ops.contact_vault`); everything else knows it by a keyed hash, the same wherever the same
address or number was left, and of no use to anyone without the key.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Raw

from ingestion.event.standard_events import CONTACT_EVENTS, CONTACT_FIELDS
from ingestion.event.validate import LandedEvent
from runtime import secrets

MAX_TEXT = dict(zip(CONTACT_FIELDS, (320, 64, 256), strict=True))
"""Characters kept. The hash is taken before the cut."""
LEAST_PHONE_DIGITS = 5
"""Fewer are no number: taken as one they would join strangers, as would an address without @."""
COLUMNS = (
    *("site_id", "event_id", "event_date", "occurred_at", "event_name", "user_id", "anonymous_id"),
    *("email", "phone", "name", "traits", "contact_hash", "file_id", "line_number"),
)
"""Of ops.contact_vault: what the event's row says, and the contact."""

_PROPERTIES = msgspec.json.Decoder(dict[str, Raw])
_NOT_A_DIGIT = re.compile(r"[^0-9]")


class Contact(NamedTuple):
    """What one event left."""

    email: str | None
    phone: str | None
    name: str | None
    traits: str
    """JSON of whatever else user_identified said."""
    contact_hash: str | None


class Contacts:
    """Finds contacts in events. The key is generated when the first is found."""

    def __init__(self, key: Path) -> None:
        self._path = key

    def of(self, event: LandedEvent) -> Contact | None:
        """What the event left; None for nearly every event. What is no text is no contact."""
        if event.event_name not in CONTACT_EVENTS:
            return None
        try:
            given = _PROPERTIES.decode(event.properties)
            texts = {field: text for field in MAX_TEXT if (text := _text(given.get(field)))}
        except (msgspec.DecodeError, RecursionError):
            return None  # Nothing that the database takes.
        others = {key: value for key, value in given.items() if key not in texts}
        traits = msgspec.json.encode(others).decode() if event.event_name == "user_identified" else "{}"
        if not texts and traits == "{}":
            return None
        email, phone, name = (texts.get(field, "")[:length] or None for field, length in MAX_TEXT.items())
        return Contact(email, phone, name, traits, self._hash(texts.get("email"), texts.get("phone")))

    def _hash(self, email: str | None, phone: str | None) -> str | None:
        normal = normalise_email(email) or normalise_phone(phone)
        return normal and hmac.new(self._key, normal.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _key(self) -> bytes:
        return secrets.read_or_create(self._path).encode()


def make_row(event: Mapping[str, str | None], contact: Contact) -> list[str | None]:
    """Values in the order of COLUMNS, from those of the event's own row."""
    known = {**event, **contact._asdict()}
    return [known[column] for column in COLUMNS]


def normalise_email(email: str | None) -> str | None:
    """One spelling of an address; None for what is none."""
    return email.strip().lower() if email and "@" in email else None


def normalise_phone(phone: str | None) -> str | None:
    """The digits of a number behind its plus, if it has one; None for what is none."""
    digits = _NOT_A_DIGIT.sub("", phone or "")
    if len(digits) < LEAST_PHONE_DIGITS:
        return None
    return f"+{digits}" if phone and phone.strip().startswith("+") else digits


def _text(value: Raw | None) -> str | None:
    """The text that a JSON value is; None for any other value and for one of blanks only."""
    content = bytes(value) if value is not None else b""
    return msgspec.json.decode(content, type=str).strip() or None if content.startswith(b'"') else None
