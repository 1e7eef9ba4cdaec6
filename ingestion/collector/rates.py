"""How often each client may ask: a token bucket each, in bounded memory. Each process counts for itself."""

import time
from collections.abc import Callable

BURST_SECONDS = 10
"""A bucket holds the requests of this many seconds: after a pause all of them may come at once."""
MOST_KNOWN = 20_000


class Rates:
    """Buckets by name. Each is stored as the moment at which it will be full again."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._step = 1 / per_second if per_second else 0.0
        self._burst = max(BURST_SECONDS, self._step)
        self._clock = clock
        self._full_at: dict[str | bytes, float] = {}

    def seconds_to_wait(self, name: str | bytes) -> float:
        """Take one request from the bucket and return 0; or take none, and return the seconds until there is one."""
        if not self._step:
            return 0.0
        now = self._clock()
        full_at = max(self._full_at.get(name, now), now) + self._step
        if full_at > now + self._burst:
            return full_at - now - self._burst
        if len(self._full_at) >= MOST_KNOWN and name not in self._full_at:
            self._forget()
        self._full_at[name] = full_at
        return 0.0

    def _forget(self) -> None:
        """Drop the fuller half of the buckets. For full buckets this changes nothing."""
        emptier = sorted(self._full_at.items(), key=lambda known: known[1])[MOST_KNOWN // 2 :]
        self._full_at = dict(emptier)
