"""A purchase in progress. Knows neither the buyer nor the time."""

from dataclasses import dataclass
from typing import Any, NamedTuple


class Price(NamedTuple):
    """An amount as a client writes it: a number, or a text from older clients."""

    amount: float | str
    currency: str | None


@dataclass
class Purchase:
    """A checkout, from its start until it is paid: in one session, in several, or never."""

    checkout_id: str
    order_id: str
    items: list[dict[str, Any]]
    price: Price
    method: str
    naming: str
    """Which of its events name the checkout: all of them, the first, or none."""
    failures_due: int
