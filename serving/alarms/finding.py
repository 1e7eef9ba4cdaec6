"""What breaks a rule: which figure of which site, since when, and the page that shows it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from serving.alarms.rules import Limits


@dataclass(frozen=True)
class Finding:
    """A rule that is broken at a site."""

    rule: str
    site_id: str
    title: str
    text: str
    """What, with its numbers."""
    path: str
    """The page that shows it, below the address of the server."""
    since: datetime
    part: str = ""
    """Which of several figures of the rule, such as a currency."""
    is_undecided: bool = False
    """Whether nothing can be said now, so that an alarm stays as it is. Then the texts are empty."""


Find = Callable[[Connection, Mapping[str, Limits], datetime], Iterator[Finding]]
"""Give what breaks a rule at these sites now, as the analyst. Each rule has one."""


def undecided(rule: str, site: str, now: datetime, part: str = "") -> Finding:
    """Return that nothing can be said of a figure now."""
    return Finding(rule, site, "", "", "", now, part, is_undecided=True)
