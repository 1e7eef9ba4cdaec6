"""A step that people take: an event of a name, or a view of a page. Goals and funnels are made of steps."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from runtime.errors import FootfallError
from warehouse.access.sites import require_site
from warehouse.postgres.catalog import columns
from warehouse.publication.declared_properties import EVENT_NAME, UNPRINTABLE
from warehouse.publication.dirty_days import Cause, mark_found
from warehouse.publication.site_options import own_options

_OF_EVENT = "event:"
_PAGE_VIEWED = "page_viewed"
_MOST_OF_A_PATH = 1_000
_MOST_OF_A_NAME = 64


class GoalError(FootfallError):
    """A goal or a funnel that cannot be, or is not there, and what to do."""


@dataclass(frozen=True)
class Step:
    """An event of that name, and where a path is given, on a page of that path, in which `*` is any text."""

    event_name: str
    page_path: str | None

    def __str__(self) -> str:
        return self.page_path or f"{_OF_EVENT}{self.event_name}"


def read_step(written: str) -> Step:
    """Read `event:NAME`, or the path of a page that is viewed.

    Raises:
        GoalError: it is neither, or no event can be so.
    """
    if written.startswith(_OF_EVENT):
        return _event(written.removeprefix(_OF_EVENT))
    if written.startswith("/"):
        return _page(written)
    raise GoalError(
        f"{written!r} is no step: write {_OF_EVENT}NAME for an event, or the path of a page with its /, as in /pricing"
    )


def require_countable(
    connection: Connection, site: str, kind: str, name: str, steps: Collection[Step], project: Mapping[str, Any]
) -> None:
    """Refuse a goal or funnel that no night could count. `project` are the variables of the models.

    Raises:
        SiteError: no such site.
        GoalError: the name cannot be shown, a step can never match, or there are no events to count.
    """
    require_site(connection, site)
    if name != name.strip() or not 1 <= len(name) <= _MOST_OF_A_NAME or UNPRINTABLE.search(name):
        raise GoalError(
            f"{name!r}: give the {kind} a name of 1 to {_MOST_OF_A_NAME} printable characters, none of them a blank at"
            " an end"
        )
    keys: Any = own_options(connection, site).get("path_query_keys", project["path_query_keys"])
    for step in steps:
        _require_reachable(step, keys)
    if not project["events_mart"]:
        raise GoalError(f"a {kind} is counted in mart events, which the option events_mart turns off: turn it on")


def mark_days(connection: Connection, site: str, step: Step) -> int:
    """Mark the published days with events of the step's name, but those whose raw events are gone. Return how many."""
    return _mark(connection, site, "daily_event_stats", "event_name in (:name, '(other)')", step.event_name)


def mark_counted_days(connection: Connection, site: str, kind: str, name: str) -> int:
    """Mark the days on which a goal or funnel of the name is counted, as `mark_days` does. Return how many."""
    return _mark(connection, site, f"daily_{kind}s", f"{kind} = :name", name)


def _require_reachable(step: Step, path_query_keys: Collection[str]) -> None:
    _, _, query = (step.page_path or "").partition("?")
    for pair in query.split("&") if query else ():
        key = pair.partition("=")[0]
        if key not in path_query_keys:
            raise GoalError(
                f"{step} can never match: a path has no query, but for the keys that the site's option path_query_keys"
                f" names, and {key!r} is none of them (`footfall site set`)"
            )


def _mark(connection: Connection, site: str, mart: str, which: str, name: str) -> int:
    if not columns(connection, f"marts.{mart}"):
        return 0
    query = (
        "select distinct cast(:site as text) as site_id, event_date, cast(:cause as text) as cause"
        f" from marts.{mart} where site_id = :site and {which}"
    )
    return mark_found(connection, query, {"site": site, "name": name, "cause": Cause.SITE_OPTIONS})


def _event(name: str) -> Step:
    if not EVENT_NAME.fullmatch(name):
        raise GoalError(
            f"{name!r} can never match: names of events begin with a small letter and have small letters, digits and _,"
            " at most 64"
        )
    return Step(name, None)


def _page(path: str) -> Step:
    if "#" in path:
        raise GoalError(f"{path!r} can never match: a path ends before the #, so leave out what follows")
    if len(path) > _MOST_OF_A_PATH or UNPRINTABLE.search(path) or re.search(r"\s", path):
        raise GoalError(
            f"{path!r} can never match: a path has no blanks and at most {_MOST_OF_A_PATH:,} characters; write a blank"
            " as it is sent, %20"
        )
    return Step(_PAGE_VIEWED, path)
