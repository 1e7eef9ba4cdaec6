"""The goals of sites: adding, listing and removing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from warehouse.goals.step import GoalError, Step, mark_counted_days, mark_days, read_step, require_countable
from warehouse.publication.declared_properties import UNPRINTABLE, is_name, properties_left_out

_MOST = 100
"""Goals of a site: each is compared with each event of its name."""


@dataclass(frozen=True)
class Goal:
    """A step that counts as reached, once for each event."""

    site_id: str
    name: str
    step: Step
    property: str | None = None
    property_value: str | None = None
    """What the property must be, as text."""
    value_property: str | None = None
    """The property that says what it is worth."""

    def __str__(self) -> str:
        of = f" with {self.property}={self.property_value}" if self.property else ""
        return f"{self.step}{of}" + (f", worth its {self.value_property}" if self.value_property else "")


def add_goal(connection: Connection, goal: Goal, project: Mapping[str, Any]) -> int | None:
    """Add a goal, and mark the site's days that may have reached it. `project` are the variables of the models.

    Returns:
        Number of days marked; None where the site had this goal before.

    Raises:
        SiteError: no such site.
        GoalError: the name is taken, or no event can reach it.
    """
    require_countable(connection, goal.site_id, "goal", goal.name, (goal.step,), project)
    for name in (goal.property, goal.value_property):
        if name is not None:
            _require_property(name, project)
    if UNPRINTABLE.search(goal.property_value or ""):
        raise GoalError(f"{goal.property_value!r} has characters that cannot be printed: choose another value")
    connection.exec_driver_sql("lock table ops.goals in share row exclusive mode")
    others = [other for other in list_goals(connection) if other.site_id == goal.site_id]
    for other in others:
        if other == goal:
            return None
        if other.name == goal.name:
            raise GoalError(
                f"site {goal.site_id} has a goal {goal.name} already: {other}. Choose another name, or remove it first:"
                f" footfall goal remove {goal.name!r} --site {goal.site_id}"
            )
    if len(others) >= _MOST:
        raise GoalError(f"site {goal.site_id} has {_MOST} goals; remove one first")
    connection.execute(text(_ADD), vars(goal) | {"step": str(goal.step)})
    return mark_days(connection, goal.site_id, goal.step)


def remove_goal(connection: Connection, site: str, name: str) -> int:
    """Remove a goal, and mark the days that count it. Return their number.

    Raises:
        GoalError: there is none of that name.
    """
    query = text("delete from ops.goals where site_id = :site and goal = :name")
    if not connection.execute(query, {"site": site, "name": name}).rowcount:
        raise GoalError(f"site {site} has no goal {name}; `footfall goal list` shows all")
    return mark_counted_days(connection, site, "goal", name)


def list_goals(connection: Connection) -> list[Goal]:
    """Return all goals, by site and name."""
    return [
        Goal(row.site_id, row.goal, read_step(row.step), row.property, row.property_value, row.value_property)
        for row in connection.execute(text(_LIST))
    ]


def _require_property(name: str, project: Mapping[str, Any]) -> None:
    if not is_name(name):
        raise GoalError(f"{name!r} can never match: give 1 to 100 printable characters, as properties are named")
    if name.casefold() in {each.casefold() for each in properties_left_out(project)}:
        raise GoalError(
            f"{name} can never match: mart events does not hold it, as it may hold contacts; choose another"
        )


_ADD = """
insert into ops.goals (site_id, goal, step, property, property_value, value_property)
values (:site_id, :name, :step, :property, :property_value, :value_property)
"""
_LIST = """
select site_id, goal, step, property, property_value, value_property from ops.goals order by site_id, goal
"""
