"""What a token may ask at most. A limit that is None is the one of all tokens. `serving` holds it to them."""

from dataclasses import dataclass

from warehouse.postgres.roles import API_READER_CONNECTIONS

MOST_AT_ONCE = API_READER_CONNECTIONS
"""Requests that are answered at once of a token without a limit of its own: each has a connection."""


@dataclass(frozen=True)
class TokenLimits:
    """The limits of one token."""

    requests_per_minute: int | None = None
    at_once: int | None = None
    rows: int | None = None
    """Rows in a list of one answer, or in an export; None: any number."""

    @property
    def connections(self) -> int:
        """Connections of its role. One that ends may be there a moment longer, so they are never few."""
        return max(self.at_once or 0, API_READER_CONNECTIONS)


NO_LIMITS = TokenLimits()
"""Those of a token without any of its own."""
