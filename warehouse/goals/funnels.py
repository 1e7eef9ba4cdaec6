"""The funnels of sites: adding, listing and removing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from warehouse.goals.step import GoalError, Step, mark_counted_days, mark_days, read_step, require_countable

_MOST = 50
"""Funnels of a site."""
_MOST_STEPS = 20
"""As the table has it."""


@dataclass(frozen=True)
class Funnel:
    """Steps that a visitor takes in this order."""

    site_id: str
    name: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return ", then ".join(map(str, self.steps))


def add_funnel(connection: Connection, funnel: Funnel, project: Mapping[str, Any]) -> int | None:
    """Add a funnel, and mark the site's days on which it may be entered. `project` are the variables of the models.

    Returns:
        Number of days marked; None where the site had this funnel before.

    Raises:
        SiteError: no such site.
        GoalError: the name is taken, there are too few or too many steps, or one of them can never match.
    """
    if not 2 <= len(funnel.steps) <= _MOST_STEPS:
        raise GoalError(f"a funnel has 2 to {_MOST_STEPS} steps, not {len(funnel.steps)}; make one alone a goal")
    require_countable(connection, funnel.site_id, "funnel", funnel.name, funnel.steps, project)
    connection.exec_driver_sql("lock table ops.funnels in share row exclusive mode")
    others = [other for other in list_funnels(connection) if other.site_id == funnel.site_id]
    for other in others:
        if other == funnel:
            return None
        if other.name == funnel.name:
            raise GoalError(
                f"site {funnel.site_id} has a funnel {funnel.name} already: {other}. Choose another name, or remove it"
                f" first: footfall funnel remove {funnel.name!r} --site {funnel.site_id}"
            )
    if len(others) >= _MOST:
        raise GoalError(f"site {funnel.site_id} has {_MOST} funnels; remove one first")
    connection.execute(text(_ADD), vars(funnel) | {"steps": list(map(str, funnel.steps))})
    return mark_days(connection, funnel.site_id, funnel.steps[0])


def remove_funnel(connection: Connection, site: str, name: str) -> int:
    """Remove a funnel, and mark the days that count it. Return their number.

    Raises:
        GoalError: there is none of that name.
    """
    query = text("delete from ops.funnels where site_id = :site and funnel = :name")
    if not connection.execute(query, {"site": site, "name": name}).rowcount:
        raise GoalError(f"site {site} has no funnel {name}; `footfall funnel list` shows all")
    return mark_counted_days(connection, site, "funnel", name)


def list_funnels(connection: Connection) -> list[Funnel]:
    """Return all funnels, by site and name."""
    return [
        Funnel(row.site_id, row.funnel, tuple(map(read_step, row.steps))) for row in connection.execute(text(_LIST))
    ]


_ADD = "insert into ops.funnels (site_id, funnel, steps) values (:site_id, :name, :steps)"
_LIST = "select site_id, funnel, steps from ops.funnels order by site_id, funnel"
