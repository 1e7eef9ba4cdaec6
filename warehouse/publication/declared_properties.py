"""The properties of events that sites declare: adding, listing and removing them.

A declared property is counted and found by value from the next night on. Its column in the view of its event is made by
`warehouse.tables.property_views`, and is there at once.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.access.sites import require_site
from warehouse.postgres.catalog import columns
from warehouse.postgres.roles import Role
from warehouse.publication.dirty_days import Cause, mark_found
from warehouse.tables.decisions import Mart
from warehouse.tables.property_views import MART, TYPES, cut, view_of

MOST_CHARACTERS = 100
"""Of a property's name: daily figures keep no more of a text in their key."""
_MOST_OF_ALL = 200
"""Columns that the view of one event may have of its own."""
EVENT_NAME = re.compile("[a-z][a-z0-9_]{0,63}")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class PropertyError(FootfallError):
    """A property that cannot be declared, or is not, and what to do."""


@dataclass(frozen=True)
class DeclaredProperty:
    """One property of an event, as one site declares it."""

    site_id: str
    event_name: str
    name: str
    type: str
    description: str

    @property
    def column(self) -> str:
        """Its column, `schema.view.column`."""
        return f"marts.{view_of(self.event_name)}.{cut(self.name)}"


def add_property(
    connection: Connection, wanted: DeclaredProperty, events: Mart, left_out: Collection[str]
) -> int | None:
    """Declare a property of mart `events`, and mark the site's days with such events.

    `left_out` are the properties that the mart does not hold.

    Returns:
        Number of days marked; None where the property was declared so before.

    Raises:
        SiteError: no such site.
        PropertyError: the name cannot be a column, the type is unknown, or the property has another type already.
    """
    require_site(connection, wanted.site_id)
    _require_fitting(connection, wanted, events, left_out)
    connection.exec_driver_sql("lock table ops.declared_properties in share row exclusive mode")
    others = [other for other in list_properties(connection) if other.event_name == wanted.event_name]
    for other in others:
        if other.name == wanted.name and other.type != wanted.type:
            raise PropertyError(
                f"{wanted.name} of {wanted.event_name} is {other.type} on site {other.site_id}: a property has one"
                f" type on all sites. Remove it there, or declare it as {other.type}"
            )
        if other.name != wanted.name and cut(other.name) == cut(wanted.name):
            raise PropertyError(f"{wanted.name}: {other.name} has a column of that name already")
    if wanted in others:
        return None
    if len({other.name for other in others} | {wanted.name}) > _MOST_OF_ALL:
        raise PropertyError(f"{wanted.event_name} has {_MOST_OF_ALL} declared properties; remove one first")
    is_new = connection.scalar(text(_ADD), vars(wanted))
    return _mark_days(connection, wanted) if is_new else 0


def remove_property(connection: Connection, site: str, event_name: str, name: str) -> int:
    """Remove a declared property, and mark the site's days with such events. Return their number.

    Raises:
        PropertyError: it is not declared.
    """
    values = {"site_id": site, "event_name": event_name, "name": name}
    gone = connection.execute(text(_REMOVE), values).first()
    if not gone:
        raise PropertyError(f"site {site} declares no {name} of {event_name}; `footfall property list` shows all")
    return _mark_days(connection, DeclaredProperty(**gone._mapping))


def list_properties(connection: Connection) -> list[DeclaredProperty]:
    """Return all declared properties, by event, property and site."""
    return [DeclaredProperty(**row._mapping) for row in connection.execute(text(_LIST))]


def is_name(name: str) -> bool:
    """Whether a property that is declared or asked for may be called so."""
    return bool(name.strip()) and len(name) <= MOST_CHARACTERS and not UNPRINTABLE.search(name)


def properties_left_out(project: Mapping[str, Any]) -> list[str]:
    """Return the properties that mart events does not hold, by the variables of the models."""
    return [*project["contact_properties"], "error_details", "errorDetails"]


def _require_fitting(connection: Connection, wanted: DeclaredProperty, events: Mart, left_out: Collection[str]) -> None:
    name = wanted.name
    if not EVENT_NAME.fullmatch(wanted.event_name):
        raise PropertyError(f"{wanted.event_name!r} is no name of an event: small letters, digits and _, at most 64")
    if wanted.type not in TYPES:
        takes = "; ".join(f"{kind}: {found.takes}" for kind, found in TYPES.items())
        raise PropertyError(f"{wanted.type!r} is no type of a property; there are {takes}")
    if not is_name(name):
        raise PropertyError(f"{name!r}: a property's name has 1 to {MOST_CHARACTERS} printable characters")
    if name.casefold() in {each.casefold() for each in left_out}:
        raise PropertyError(f"{name}: mart {MART} does not hold it, as it may hold contacts; send it by another name")
    if cut(name) in events.column_names:
        raise PropertyError(f"{name} is a column of mart {MART} already: read it as properties ->> '{name}'")
    view = view_of(wanted.event_name)
    if connection.scalar(text(_NOT_OURS), {"name": f"marts.{view}", "owner": Role.PUBLISHER}):
        raise PropertyError(f"marts.{view} is your own, where the view of {wanted.event_name} would be: rename it")


def _mark_days(connection: Connection, of: DeclaredProperty) -> int:
    if not columns(connection, f"marts.{MART}"):
        return 0
    values = {"site": of.site_id, "event_name": of.event_name, "cause": Cause.SITE_OPTIONS}
    return mark_found(connection, _DAYS, values)


_NOT_OURS = """
select 1 from pg_class
where oid = to_regclass(:name) and not (relkind = 'v' and pg_get_userbyid(relowner) = :owner)
"""
_ADD = """
insert into ops.declared_properties (site_id, event_name, property, type, description)
values (:site_id, :event_name, :name, :type, :description)
on conflict (site_id, event_name, property) do update set description = excluded.description
returning xmax = 0
"""
_REMOVE = """
delete from ops.declared_properties
where site_id = :site_id and event_name = :event_name and property = :name
returning site_id, event_name, property as name, type, description
"""
_LIST = """
select site_id, event_name, property as name, type, description from ops.declared_properties
order by event_name, property, site_id
"""
_DAYS = """
select distinct cast(:site as text) as site_id, event_date, cast(:cause as text) as cause
from marts.events where site_id = :site and event_name = :event_name
"""
