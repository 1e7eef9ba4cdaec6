"""The device of an event on a cookieless site: from address, user agent, site and a key that is kept for a day.

Pure: keys and days are handed in. `ingestion.collector.device_keys` keeps the keys.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from ingestion.collector.http.address import rate_limit_key
from runtime.addresses import first_client, read_ip


class Devices(NamedTuple):
    """How the events of one request get their devices."""

    site_id: str
    zone: tzinfo
    today: date
    keys: Mapping[date, bytes]
    """Day → its key: that of today, and others that are still kept."""
    client: str | None
    """Where the request comes from; None: from a server, which names the person's address in each event."""

    def find(self, occurred_at: datetime, named: str | None, user_agent: str | None) -> str | None:
        """Return the device of an event; None where no address is known.

        An event is derived with the key of the day on which it happened, as long as it is kept, so that it has the same
        device when it is sent again after midnight. Later it is derived with today's key. The day is part of what is
        hashed: what comes late joins no two days.
        """
        address = read_ip(first_client(named or "") or "") if self.client is None else self.client
        if not address:
            return None
        day = occurred_at.astimezone(self.zone).date()
        return derive(self.keys.get(day) or self.keys[self.today], self.site_id, day, address, user_agent)


def derive(key: bytes, site_id: str, day: date, address: str, user_agent: str | None) -> str:
    """Return the device id of an address and a user agent. Of IPv6 the /64 counts: its subscriber changes the rest."""
    said = "\0".join((site_id, str(day), rate_limit_key(address), user_agent or ""))
    return f"cookieless:{hashlib.blake2b(said.encode(), key=key, digest_size=16).hexdigest()}"
