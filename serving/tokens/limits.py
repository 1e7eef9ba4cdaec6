"""How often, how much at once, and how many rows a token may ask."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from ingestion.collector.rates import Rates
from warehouse.access.limits import MOST_AT_ONCE, TokenLimits


class TooMany(Exception):
    """A request beyond a limit of its token."""

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Limits:
    """The requests of each token. `per_second` counts for tokens without a rate of their own; 0: any number."""

    def __init__(self, per_second: int, of_token: Callable[[str], TokenLimits]) -> None:
        self._per_second = per_second
        self._of_token = of_token
        self._rates: dict[float, Rates] = {}
        """Rate → the buckets of its tokens."""
        self._at_once: Counter[str] = Counter()

    @contextmanager
    def one_of(self, token_id: str) -> Iterator[None]:
        """Answer one request of the token within the block.

        Raises:
            TooMany: it is beyond a limit.
        """
        limits = self._of_token(token_id)
        per_second = limits.requests_per_minute / 60 if limits.requests_per_minute else float(self._per_second)
        if wait := self._rates.setdefault(per_second, Rates(per_second)).seconds_to_wait(token_id):
            raise TooMany("too many requests of this token", ceil(wait))
        most = limits.at_once or MOST_AT_ONCE
        if self._at_once[token_id] >= most:
            raise TooMany(f"more than {most} requests of this token at once", 1)
        self._at_once[token_id] += 1
        try:
            yield
        finally:
            self._at_once[token_id] -= 1
            if not self._at_once[token_id]:
                del self._at_once[token_id]

    def most_rows(self, token_id: str) -> int | None:
        """Return how many rows the token may read at once; None: any number."""
        return self._of_token(token_id).rows
