"""How often, and how much at once, a token may ask."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from ingestion.collector.rates import Rates

MOST_AT_ONCE = 4
"""Requests of one token that are answered at once: as many as its role has connections."""


class TooMany(Exception):
    """A request beyond a limit of its token."""

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Limits:
    """The requests of each token. `per_second` 0: any number."""

    def __init__(self, per_second: int) -> None:
        self._rates = Rates(per_second)
        self._at_once: Counter[str] = Counter()

    @contextmanager
    def one_of(self, token_id: str) -> Iterator[None]:
        """Answer one request of the token within the block.

        Raises:
            TooMany: it is beyond a limit.
        """
        if wait := self._rates.seconds_to_wait(token_id):
            raise TooMany("too many requests of this token", ceil(wait))
        if self._at_once[token_id] >= MOST_AT_ONCE:
            raise TooMany(f"more than {MOST_AT_ONCE} requests of this token at once", 1)
        self._at_once[token_id] += 1
        try:
            yield
        finally:
            self._at_once[token_id] -= 1
            if not self._at_once[token_id]:
                del self._at_once[token_id]
