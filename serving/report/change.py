"""What changed most between two days, and where. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One channel, page or device: its figure on the day and on the day before it is compared with."""

    name: str
    now: int
    before: int

    @property
    def difference(self) -> int:
        """How many more there are; negative: fewer."""
        return self.now - self.before


def most_changed(now: Mapping[str, int], before: Mapping[str, int], limit: int) -> Sequence[Change]:
    """Return what changed most either way, the greatest change first. What is missing on a day has 0 there."""
    found = [Change(name, now.get(name, 0), before.get(name, 0)) for name in now.keys() | before.keys()]
    found.sort(key=lambda change: (-abs(change.difference), change.name))
    return [change for change in found[:limit] if change.difference]


def of_the_way(changes: Sequence[Change], total: int) -> Change | None:
    """Return what changed most in the direction in which the whole changed; None if nothing did."""
    return next((change for change in changes if change.difference * total > 0), None)
