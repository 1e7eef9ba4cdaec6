"""What questions found some minutes ago, so that an answer which is asked for again is read once."""

import time
from collections.abc import Callable, Sequence

from serving.api.answer import Rows
from serving.tokens.state import State

KEPT_SECONDS = 600.0
"""How long it is kept, if nothing changes: then it leaves memory at once."""
MOST_VALUES = 200_000
"""Values that are kept, of all answers: about 20 MB."""


class KeptAnswers:
    """Rows by the ETag of their answer, which names all that they depend on: version, role, questions, parameters."""

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._kept: dict[str, tuple[float, int, list[Rows]]] = {}
        self._values = 0
        state.changed.append(self._drop_all)

    @property
    def version(self) -> int | None:
        """Take it before asking, for `keep`."""
        return self._state.version

    def find(self, etag: str) -> list[Rows] | None:
        """Return what was found for this answer; None: it is not kept, or no longer."""
        self.drop_old()
        kept = self._kept.get(etag)
        return kept[2] if kept else None

    def keep(self, etag: str, found: Sequence[Rows], version: int | None) -> None:
        """Keep it, in the place of the oldest where there is no room, unless something has changed since this version.

        Something may be an erasure: rows of a person who is erased leave memory with it.
        """
        values = sum(len(rows.rows) * len(rows.columns) for rows in found)
        if version is None or version != self.version or etag in self._kept or values > MOST_VALUES:
            return
        self._kept[etag] = self._clock(), values, list(found)
        self._values += values
        while self._values > MOST_VALUES:
            self._drop_oldest()

    def drop_old(self) -> None:
        """Drop what is older than `KEPT_SECONDS`."""
        before = self._clock() - KEPT_SECONDS
        while self._kept and next(iter(self._kept.values()))[0] <= before:
            self._drop_oldest()

    def _drop_all(self) -> None:
        self._kept.clear()
        self._values = 0

    def _drop_oldest(self) -> None:
        _, values, _ = self._kept.pop(next(iter(self._kept)))
        self._values -= values
