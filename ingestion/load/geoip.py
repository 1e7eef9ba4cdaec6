"""Country and city of an address, from a MaxMind database the user supplies. Without one, nothing is known."""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb


class Place(NamedTuple):
    """The country and city of an address."""

    country_code: str | None
    city: str | None


UNKNOWN = Place(None, None)


class Places:
    """Looks up each distinct address once."""

    def __init__(self, path: Path | None) -> None:
        self._reader = maxminddb.open_database(path) if path else None
        self.of = lru_cache(maxsize=100_000)(self._look_up)

    def _look_up(self, ip: str | None) -> Place:
        if not self._reader or not ip:
            return UNKNOWN
        try:
            found: Any = self._reader.get(ip)
        except ValueError:
            return UNKNOWN
        if not isinstance(found, dict):
            return UNKNOWN
        return Place(found.get("country", {}).get("iso_code"), found.get("city", {}).get("names", {}).get("en"))
