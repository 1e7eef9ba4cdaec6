"""How often each client may ask: a token bucket each, in bounded memory. Each process counts for itself."""

import time
from collections.abc import Callable

BURST_SECONDS = 10
"""A bucket holds the requests of so many seconds: after a pause all of them may come at once."""
MOST_KNOWN = 20_000


class Rates:
    """Buckets by name. Of each only the moment is kept at which it will be full again."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._step = 1 / per_second if per_second else 0.0
        self._burst = max(BURST_SECONDS, self._step)
        self._clock = clock
        self._full_at: dict[str | bytes, float] = {}

    def seconds_to_wait(self, name: str | bytes) -> float:
        """Take one from the bucket, or take nothing and say when there will be one again."""
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
        """Forget the fuller half: of those that are full it is no loss."""
        emptier = sorted(self._full_at.items(), key=lambda known: known[1])[MOST_KNOWN // 2 :]
        self._full_at = dict(emptier)
