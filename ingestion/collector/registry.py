"""Which site and kind a key has, and which origins may post: `sites.json`, read again when it changes.

While the file is missing or broken, the last good one counts.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from runtime.origins import normal_origin

_log = logging.getLogger(__name__)


class Site(msgspec.Struct, frozen=True, dict=True):
    """What the collector must know of a site."""

    timezone: str = "UTC"
    origins: frozenset[str] = frozenset()
    """Browser origins that may post; empty: any."""
    identity: Literal["device", "cookieless"] = "device"
    """How a device is known: by the id that its client keeps, or by one that is derived anew each day."""

    @property
    def is_cookieless(self) -> bool:
        """Whether devices are derived, and ids of devices that clients send are not taken."""
        return self.identity == "cookieless"

    @cached_property
    def zone(self) -> tzinfo:
        """Its timezone. One that is unknown counts as UTC: no night builds the site until it is known."""
        try:
            return ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            return UTC

    def allows(self, origin: str | None) -> bool:
        """Whether a page of this origin may post. Clients that are no browsers have no origin."""
        return origin is None or not self.origins or normal_origin(origin) in self.allowed

    @cached_property
    def allowed(self) -> frozenset[str | None]:
        """Its origins as browsers write them. One that is none allows no page."""
        return frozenset(map(normal_origin, self.origins)) - {None}


class Key(NamedTuple):
    """What the collector must know of a write key."""

    site_id: str
    is_server: bool
    """Whether it may say what the site's server knows of a person."""


class _File(msgspec.Struct, frozen=True):
    sites: dict[str, Site]
    keys: dict[str, str]
    server_keys: frozenset[str] = frozenset()
    """Hashes of those keys that are a server's."""
    raw_keep_days: int | None = 90


class Registry:
    """The last good state of the file."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._content: _File | None = None
        self._found: dict[bytes, Key] = {}
        """Keys of the file that were used since it was read, so that each is hashed once."""
        self._seen: tuple[int, ...] | None = None
        self._look_again_at = float("-inf")
        self._is_failing = False

    @property
    def is_loaded(self) -> bool:
        """Whether a good file has been read."""
        return self._content is not None

    def refresh(self) -> None:
        """Read the file again if it has changed; looks at most once a second."""
        now = self._clock()
        if now < self._look_again_at:
            return
        self._look_again_at = now + 1
        try:
            status = self._path.stat()
            signature = (status.st_mtime_ns, status.st_size, status.st_ino)
            if signature != self._seen:
                content = self._path.read_bytes()
                self._seen = signature
                self._content = msgspec.json.decode(content, type=_File)
                self._found.clear()
        except (OSError, msgspec.DecodeError) as error:
            if not self._is_failing or not isinstance(error, OSError):
                _log.warning("the site registry cannot be read", extra={"error": type(error).__name__})
            self._is_failing = True
        else:
            self._is_failing = False

    def find_key(self, key: bytes) -> Key | None:
        """Return what a write key may do; None for an unknown one. Only its hash is looked up in the file."""
        if self._content is None:
            return None
        if (found := self._found.get(key)) is not None:
            return found
        # The time of the lookup depends on the hash only, from which no key can be guessed.
        key_hash = hashlib.sha256(key).hexdigest()
        site_id = self._content.keys.get(key_hash)
        if site_id not in self._content.sites:
            return None
        found = self._found[key] = Key(site_id, key_hash in self._content.server_keys)
        return found

    def site(self, site_id: str) -> Site:
        """Return what is known of a site that `find_key` has named."""
        assert self._content is not None
        return self._content.sites[site_id]

    def zone_of(self, site_id: str) -> tzinfo | None:
        """Return the timezone of a site; None if there is no such site, or no file was read."""
        site = self._content.sites.get(site_id) if self._content else None
        return site.zone if site else None

    def any_site_allows(self, origin: str) -> bool:
        """Whether any site accepts posts from this origin: a preflight does not name the site."""
        return self._content is not None and any(site.allows(origin) for site in self._content.sites.values())

    def oldest_allowed(self, now: datetime) -> datetime | None:
        """Return the earliest time of an event that may be kept; None: no limit."""
        keep_days = self._content.raw_keep_days if self._content else None
        return None if keep_days is None else now - timedelta(days=keep_days)
