"""Contacts that people leave in an event: e-mail address, phone number, name. Touches no database.

They go into the vault (`ops.contact_vault`). All other tables hold a keyed hash: equal for the same address or number,
and useless without the key.
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
"""Number of characters stored. The hash is made of the whole text."""
LEAST_PHONE_DIGITS = 5
"""Fewer digits are no phone number: as one they would join strangers, as would an address without @."""
COLUMNS = (
    *("site_id", "event_id", "event_date", "occurred_at", "event_name", "user_id", "anonymous_id"),
    *("email", "phone", "name", "traits", "contact_hash", "file_id", "line_number"),
)
"""Columns of ops.contact_vault: those copied from the event's row, then those of the contact."""

_PROPERTIES = msgspec.json.Decoder(dict[str, Raw])
_NOT_A_DIGIT = re.compile(r"[^0-9]")


class Contact(NamedTuple):
    """The contact in one event."""

    email: str | None
    phone: str | None
    name: str | None
    traits: str
    """All other properties of user_identified, as JSON."""
    contact_hash: str | None


class Contacts:
    """Finds contacts in events. The key is generated when the first is found."""

    def __init__(self, key: Path) -> None:
        self._path = key

    def of(self, event: LandedEvent) -> Contact | None:
        """Return the contact in the event; None for nearly every event. Only texts are contacts."""
        if event.event_name not in CONTACT_EVENTS:
            return None
        try:
            given = _PROPERTIES.decode(event.properties)
            texts = {field: text for field in MAX_TEXT if (text := _text(given.get(field)))}
        except (msgspec.DecodeError, RecursionError):
            return None  # The database would refuse it.
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
    """Make a row of the vault.

    Returns:
        Values in the order of COLUMNS, as texts.
    """
    known = {**event, **contact._asdict()}
    return [known[column] for column in COLUMNS]


def normalise_email(email: str | None) -> str | None:
    """Return the one spelling of an e-mail address; None if the text is none."""
    return email.strip().lower() if email and "@" in email else None


def normalise_phone(phone: str | None) -> str | None:
    """Return the digits of a phone number, after its plus if it has one; None if the text is no number."""
    digits = _NOT_A_DIGIT.sub("", phone or "")
    if len(digits) < LEAST_PHONE_DIGITS:
        return None
    return f"+{digits}" if phone and phone.strip().startswith("+") else digits


def _text(value: Raw | None) -> str | None:
    """Return the value if it is a text and not blank; else None."""
    content = bytes(value) if value is not None else b""
    return msgspec.json.decode(content, type=str).strip() or None if content.startswith(b'"') else None
