"""All rights that are watched, and how many streams there may be."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from serving.api.exchange import Reading
from serving.api.problem import later
from serving.live.loads import Loads
from serving.live.watch import Watch
from serving.tokens.limits import TooMany
from warehouse.access.credential import Credential

MOST_STREAMS = 1000
"""Streams at once, of all tokens."""
MOST_OF_TOKEN = 250
"""Streams at once of one token."""
BUSY_SECONDS = 10
LINGER_SECONDS = 30
"""How long a right is read on after its last stream: one that comes back misses nothing."""

STOPPING = "the server stops"


class Watches:
    """The watches, by token and site."""

    def __init__(self, reading: Reading) -> None:
        self._reading, self._loads = reading, Loads(reading.registry.url)
        self._watches: dict[tuple[str, str], Watch] = {}
        self._streams: Counter[tuple[str, str]] = Counter()
        self._is_closed = False

    @contextmanager
    def watching(self, token: Credential, site: str) -> Iterator[Watch]:
        """Give the watch of this right within the block, as one stream of it.

        Raises:
            TooMany: the token has as many streams as it may.
            Problem: there are as many streams as there may be, or the server stops.
        """
        right = token.token_id, site
        if self._is_closed or self._streams.total() >= MOST_STREAMS:
            raise later("there are too many live streams; try again", BUSY_SECONDS)
        if sum(count for (of_token, _), count in self._streams.items() if of_token == token.token_id) >= MOST_OF_TOKEN:
            raise TooMany(f"more than {MOST_OF_TOKEN} live streams of this token", BUSY_SECONDS)
        if right not in self._watches or self._watches[right].ended:
            self._loads.begin()
            self._watches[right] = Watch(self._reading, token, site, self._loads)
        self._streams[right] += 1
        try:
            yield self._watches[right]
        finally:
            self._streams[right] -= 1
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._end_if_left, right)

    def close(self) -> None:
        """End all streams, and begin no other."""
        self._is_closed = True
        self._loads.end()
        for watch in self._watches.values():
            watch.end(STOPPING)

    def _end_if_left(self, right: tuple[str, str]) -> None:
        if not self._streams[right] and right in self._watches:
            self._watches.pop(right).end("no stream is left")
            del self._streams[right]
