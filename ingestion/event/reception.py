"""How a batch arrived, and what that says about the client's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

TRANSIT = timedelta(seconds=60)
"""A difference between sent_at and received_at up to this is a slow request, not a wrong clock."""
ABSURD = timedelta(days=3652)
"""A greater difference says nothing about the clock."""
YEARS = range(2000, 9000)
"""No client ran in other years, and arithmetic on them could leave the calendar."""
IMPORTED_YEARS = range(1000, 9000)
"""Logs of servers and histories of other systems begin before that. Earlier years are slips, not times."""


class Reception(Struct, frozen=True, gc=False):
    """One arrival: the same for all events of a batch."""

    site_id: str
    received_at: datetime
    collector_id: str
    sent_at: datetime | None = None
    """The client's clock when it sent."""
    oldest: datetime | None = None
    """Earlier events are too old to keep; None: no limit."""
    ip: str | None = None
    user_agent: str | None = None
    is_private: bool = False
    """Whether the person has said not to be tracked."""
    stored_address: Callable[[str], str | None] | None = None
    """What is stored of an address that a server names; None: the sender is no server and speaks for no other."""
    years: range = YEARS
    """The years that are taken for a time."""
    find_device: Callable[[datetime, str | None, str | None], str | None] | None = None
    """How a cookieless site knows a device: from the time of the event, the address that its sender names, and the user
    agent. It gives None where no address is known. None: the client's own id is taken."""

    def occurred_at(self, client_timestamp: datetime) -> tuple[datetime, list[str]]:
        """Correct the time of an event by the error of the client's clock, which `sent_at` shows.

        Returns:
            The time by the collector's clock, and flags that name the corrections.
        """
        moment, flags = client_timestamp.astimezone(UTC), []
        if self.sent_at is not None and TRANSIT < abs(behind := self.received_at - self.sent_at) <= ABSURD:
            moment, flags = moment + behind, ["clock_corrected"]
        if moment > self.received_at:
            moment = self.received_at
            flags.append("clock_clamped")
        return moment, flags
