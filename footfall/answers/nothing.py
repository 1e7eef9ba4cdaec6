"""Why an answer has no rows: robots, other days, filters, days that wait. Asks as the reader does; changes nothing."""

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection, Row, text

from footfall.answers.near import nearest
from footfall.answers.next_step import nothing_published
from footfall.answers.questions import Parameters, QuestionError

_PERIOD: Final = ("site", "days", "first", "last", "rows", "page", "sort", "ascending", "interval")
"""Parameters that choose no kind of rows: without them the rest of an answer is the same."""


def require_known_site(connection: Connection, site: str) -> None:
    """Require that a site that was asked for exists, if one was.

    Raises:
        QuestionError: there is none; it names those that look like it.
    """
    sites: list[str] = list(connection.execute(text("select site_id from ops.sites_seen() order by 1")).scalars())
    if site and site not in sites:
        near = nearest(site, sites)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there is {', '.join(sites) or 'none yet'}."
        raise QuestionError(f"no such site: {site}; {hint} `footfall site list` shows all")


def why_nothing(connection: Connection, asked: Parameters) -> list[str]:
    """Return what is known about an answer of published days that has no rows, each in a sentence."""
    if said := nothing_published(connection):
        return [said]
    found = connection.execute(text(_FACTS), {"site": asked.site, "first": asked.first, "last": asked.last}).one()
    return list(_sentences(asked, found))


def _sentences(asked: Parameters, found: Row) -> Iterator[str]:
    of_site = f" of {asked.site}" if asked.site else ""
    if asked.page > 1:
        yield f"page {asked.page} is after the last: ask with --var page=1"
    if not found.last_day:
        yield f"nothing{of_site} is published yet"
    elif asked.first and asked.first > found.last_day:
        yield f"no events{of_site} since {asked.first}: the last published day is {found.last_day}"
    elif asked.last and asked.last < found.first_day:
        yield f"no events{of_site} until {asked.last}: the first published day is {found.first_day}"
    if found.robots:
        noun = "1 session, a robot's" if found.robots == 1 else f"{found.robots:,} sessions, all of robots"
        yield f"{noun}: robots are left out"
    if chosen := _filters(asked):
        yield f"only rows with {chosen} were asked for: ask without"
    if found.waiting:
        yield f"{found.waiting} days{of_site} wait for the night: footfall nightly"
    if found.held:
        yield f"{found.held} days{of_site} are held back: footfall status says why"
    if found.last_day and not (asked.first or asked.last):
        yield f"published are {found.first_day} to {found.last_day}; --days 0 asks of all of them"


def _filters(asked: Parameters) -> str:
    defaults = msgspec.structs.asdict(Parameters())
    chosen = {name: value for name, value in msgspec.structs.asdict(asked).items() if value != defaults[name]}
    return ", ".join(f"{name}={value}" for name, value in chosen.items() if name not in _PERIOD)


_FACTS = """
with days as (
    select min(event_date) as first_day, max(event_date) as last_day
    from marts.daily_stats
    where (:site = '' or site_id = :site)
),

robots as (
    select count(*) as robots
    from marts.sessions
    where
        is_bot and (:site = '' or site_id = :site)
        and event_date >= coalesce(cast(:first as date), '-infinity')
        and event_date <= coalesce(cast(:last as date), 'infinity')
),

sessions as (
    select min(event_date) as first_day, max(event_date) as last_day
    from marts.sessions
    where (:site = '' or site_id = :site)
)

select
    coalesce(days.first_day, sessions.first_day) as first_day,
    coalesce(days.last_day, sessions.last_day) as last_day,
    robots.robots,
    (select count(*) from ops.waiting_days_seen() where :site = '' or site_id = :site) as waiting,
    (select count(distinct (site_id, event_date)) from ops.held_days_seen() where :site = '' or site_id = :site) as held
from days, robots, sessions
"""
