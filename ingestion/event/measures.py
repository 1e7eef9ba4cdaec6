"""Find amounts and durations in properties that models ignore: negative, absurd, or no number at all.

Changes nothing: the models read such a value as null (macros `json_count` and `json_money`).
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Raw

DAY_MS: Final = 24 * 60 * 60 * 1000


class _Rule(NamedTuple):
    ordinary: Any
    """The form of nearly all values; others are checked more closely."""
    pattern: re.Pattern[str]
    most: Decimal = Decimal("Infinity")


def _count(most: int) -> _Rule:
    return _Rule(Annotated[int, Meta(ge=0, le=most)], re.compile(r"[0-9]{1,12}(?:[.][0-9]{1,9})?"), Decimal(most))


_MONEY = _Rule(Annotated[float, Meta(ge=0, lt=10**12)], re.compile(r"[0-9]{1,12}(?:[.][0-9]+)?"))
_CURRENCY = _Rule(Annotated[str, Meta(pattern=r"^[A-Za-z]{3}\Z")], re.compile("[A-Za-z]{3}"))
_PRICE = {"amount": _MONEY, "total_amount": _MONEY, "currency": _CURRENCY}

_RULES: Final = {
    "page_engaged": {"engaged_ms": _count(DAY_MS), "scroll_depth": _count(100), "clicks": _count(100_000)},
    "message_received": {"response_ms": _count(DAY_MS)},
    "slow_response": {"duration_ms": _count(DAY_MS)},
    "checkout_started": _PRICE,
    "payment_started": _PRICE,
    "payment_failed": _PRICE,
    "payment_succeeded": _PRICE,
    "order_placed": _PRICE,
    "booking_placed": _PRICE,
}
_ORDINARY = {
    event_name: msgspec.json.Decoder(
        msgspec.defstruct(
            event_name,
            [(field, rule.ordinary | None, None) for field, rule in rules.items()],
            forbid_unknown_fields=True,
        )
    )
    for event_name, rules in _RULES.items()
}
_ORDINARY_BYTES = 200
_MEMBERS = msgspec.json.Decoder(dict[str, Raw])


def is_ordinary(event_name: str, properties: bytes) -> bool:
    """Whether the properties are a few sound measures and nothing else, so that no other check is needed."""
    ordinary = _ORDINARY.get(event_name)
    if ordinary is None or len(properties) > _ORDINARY_BYTES:
        return False
    try:
        ordinary.decode(properties)
    except msgspec.ValidationError:
        return False
    return True


def is_implausible(event_name: str, properties: bytes) -> bool:
    """Whether a measure has a value that models ignore."""
    if not (rules := _RULES.get(event_name)):
        return False
    given = _MEMBERS.decode(properties)
    return not all(_takes(rule, given.get(field)) for field, rule in rules.items())


def _takes(rule: _Rule, value: Raw | None) -> bool:
    text = _text(value)
    return text is None or bool(
        rule.pattern.fullmatch(text) and (rule.most.is_infinite() or Decimal(text) <= rule.most)
    )


def _text(value: Raw | None) -> str | None:
    """Return a JSON value as the text that the database makes of it."""
    written = bytes(value or b"null").decode()
    if written == "null":
        return None
    if written.startswith('"'):
        return msgspec.json.decode(written, type=str)
    return format(Decimal(written), "f") if written[0] in "-0123456789" else written
