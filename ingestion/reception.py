"""The circumstances in which a batch arrived, and what they say about the client's clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

TRANSIT = timedelta(seconds=10)
"""A smaller difference between sent_at and received_at is the way here, not a wrong clock."""
ABSURD = timedelta(days=3652)
"""A greater difference says nothing about anything."""
YEARS = range(2000, 9000)
"""Other years are no time at which a client ran, and arithmetic on them could leave the calendar."""


@dataclass(frozen=True)
class Reception:
    """One arrival: the same for all events of a batch."""

    site_id: str
    received_at: datetime
    collector_id: str
    sent_at: datetime | None = None
    """The client's clock when it sent."""
    oldest: datetime | None = None
    """Events from before are too old to keep; None: all are welcome."""
    ip: str | None = None
    user_agent: str | None = None

    @cached_property
    def clock_error(self) -> timedelta | None:
        """How far the client's clock is behind; None if it is right or cannot be told."""
        if self.sent_at is None:
            return None
        error = self.received_at - self.sent_at
        return error if TRANSIT < abs(error) <= ABSURD else None

    def occurred_at(self, client_timestamp: datetime) -> tuple[datetime, list[str]]:
        """When it happened by our clock, and flags for what was mended to find out."""
        moment, flags = client_timestamp.astimezone(UTC), []
        if self.clock_error is not None:
            moment, flags = moment + self.clock_error, ["clock_corrected"]
        if moment > self.received_at:
            moment = self.received_at
            flags.append("clock_clamped")
        return moment, flags
