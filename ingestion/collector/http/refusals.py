"""Which posts were refused of late: by reason, site of the key and origin of the page, in memory that processes share.

It holds no address, key or content. Each process writes rows of its own, as many as there are places; where all are
taken, the kind that was not seen for longest makes room, so that a stranger who makes up origins fills no memory.
"""

import mmap
from collections import defaultdict
from typing import Final, NamedTuple

from runtime.origins import normal_origin

PLACES: Final = 64
"""Kinds of refusals that a process remembers."""
_MOST_BYTES: Final = 232
_PLACE_BYTES: Final = 3 * 8 + _MOST_BYTES
NO_ORIGIN, NO_PAGE, ODD_ORIGIN = "(none)", "null", "(odd)"
"""Of a client that is no browser; of a page without an origin, such as a file; of one that no page can have."""


class Kind(NamedTuple):
    """What refused posts have in common."""

    reason: str
    site_id: str
    """The site of the key; empty where the key is unknown."""
    origin: str


class Seen(NamedTuple):
    """How often, and when last, in seconds since 1970."""

    times: int
    last_at: int


class Refusals:
    """The places of all processes. Make it before forking."""

    def __init__(self, processes: int) -> None:
        self._memory = mmap.mmap(-1, processes * PLACES * _PLACE_BYTES)
        self._processes = processes

    def of_process(self, number: int) -> "OwnRefusals":
        """Return the places in which one process counts. What an earlier one of this number counted is forgotten."""
        start = number * PLACES * _PLACE_BYTES
        return OwnRefusals(memoryview(self._memory)[start : start + PLACES * _PLACE_BYTES])

    def seen(self) -> dict[Kind, Seen]:
        """Return what all processes remember."""
        found: dict[Kind, Seen] = defaultdict(lambda: Seen(0, 0))
        for number in range(self._processes * PLACES):
            place = memoryview(self._memory)[number * _PLACE_BYTES : (number + 1) * _PLACE_BYTES]
            count, last_at, length = place[:24].cast("q")
            if count:
                kind = Kind(*bytes(place[24 : 24 + length]).decode("ascii", "replace").split("\0", 2))
                before = found[kind]
                found[kind] = Seen(before.times + count, max(before.last_at, last_at))
        return dict(found)


class OwnRefusals:
    """The places of one process."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self._memory[:] = bytes(len(memory))
        self._places: dict[Kind, int] = {}
        """In the order in which they were seen last."""

    def count(self, reason: str, site_id: str, origin: str | None, now: float) -> None:
        """Count a refused post."""
        kind = Kind(reason, site_id, _written(origin))
        place = self._places.pop(kind, None)
        if place is None:
            place = self._begin(kind)
        self._places[kind] = place
        numbers = self._numbers(place)
        numbers[1] = int(now)
        numbers[0] += 1

    def _begin(self, kind: Kind) -> int:
        place = len(self._places)
        if place == PLACES:
            place = self._places.pop(next(iter(self._places)))
        numbers = self._numbers(place)
        numbers[0] = 0  # No one reads a place without a count.
        content = "\0".join(kind).encode("ascii", "replace")[:_MOST_BYTES]
        start = place * _PLACE_BYTES + 24
        self._memory[start : start + len(content)] = content
        numbers[2] = len(content)
        return place

    def _numbers(self, place: int) -> memoryview:
        return self._memory[place * _PLACE_BYTES : place * _PLACE_BYTES + 24].cast("q")


def _written(origin: str | None) -> str:
    if origin is None:
        return NO_ORIGIN
    if origin == "null":
        return NO_PAGE
    normal = normal_origin(origin)
    return normal if normal and len(normal) <= 100 and normal.isascii() and '"' not in normal else ODD_ORIGIN
