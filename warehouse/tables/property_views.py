"""The views `marts.events_…`, one for each event with declared properties: typed columns over mart `events`.

A value that is none of its type is null there. Declaring properties is left to
`warehouse.publication.declared_properties`.
"""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from warehouse.access.grants import grant
from warehouse.postgres.catalog import columns
from warehouse.tables.comments import describe
from warehouse.tables.soundness import OF_PROPERTIES
from warehouse.tables.views import ViewError, drop_views, ensure_view

_log = logging.getLogger(__name__)

MART = "events"
_MOST_BYTES = 63
"""Of a name in PostgreSQL."""
_HASH_DIGITS = 8


@dataclass(frozen=True)
class PropertyType:
    """A type of properties: in words, and as SQL of a value, of which `{json}` is the JSON and `{text}` the text."""

    takes: str
    value: str


TYPES: Mapping[str, PropertyType] = {
    "text": PropertyType(
        "a text, a number, or true and false as text",
        "case when jsonb_typeof({json}) in ('string', 'number', 'boolean') then {text} end",
    ),
    "number": PropertyType(
        "a number, also one that was sent as text",
        "case jsonb_typeof({json}) when 'number' then cast({text} as numeric)"
        " when 'string' then case when {text} ~ '^[+-]?[0-9]{{1,40}}([.][0-9]{{1,40}})?([eE][+-]?[0-9]{{1,2}})?$'"
        " then cast({text} as numeric) end end",
    ),
    "boolean": PropertyType(
        "true or false, also as text",
        "case {text} when 'true' then true when 'false' then false end",
    ),
    "date": PropertyType(
        "a day as 2026-11-27",
        "case when {text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' and pg_input_is_valid({text}, 'date')"
        " then cast({text} as date) end",
    ),
    "timestamp": PropertyType(
        "a moment with its offset, as 2026-11-27T14:05:00Z",
        "case when {text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)?"
        "(Z|[+-][0-9]{{2}}:?[0-9]{{2}})$' and pg_input_is_valid({text}, 'timestamptz')"
        " then cast({text} as timestamptz) end",
    ),
}


@dataclass(frozen=True)
class Column:
    """One declared property of an event, the same on all sites that declare it."""

    of: str
    """The property's own name."""
    type: str
    description: str

    @property
    def name(self) -> str:
        """The column's name."""
        return cut(self.of)


def view_of(event_name: str) -> str:
    """Name of the event's view, without its schema."""
    return cut(OF_PROPERTIES + event_name)


def cut(name: str) -> str:
    """Cut a name that is too long for PostgreSQL, and end it with a hash of the whole."""
    if len(name.encode()) <= _MOST_BYTES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    return name.encode()[: _MOST_BYTES - _HASH_DIGITS - 1].decode(errors="ignore") + "_" + digest


def keep_property_views(connection: Connection) -> None:
    """Do what `ensure_property_views` does; if a view cannot be made, all stay as they are, with a warning."""
    try:
        with connection.begin_nested():
            ensure_property_views(connection)
    except (ViewError, DBAPIError) as error:
        _log.warning("the views of declared properties stay as they are: %s", error)


def ensure_property_views(connection: Connection) -> None:
    """Make the views that are declared, and drop those that are not any more, once mart `events` exists. May run twice.

    The caller is the publisher, and holds MIGRATION. Views that are not the publisher's are left alone.

    Raises:
        ViewError: a view loses columns, and a view of the user's own depends on it.
    """
    given = [name for name in columns(connection, f"marts.{MART}") if name != "properties"]
    if not given:
        return
    wanted: dict[str, list[Column]] = {}
    for row in connection.execute(text(_DECLARED)):
        wanted.setdefault(row.event_name, []).append(Column(row.property, row.type, row.description))
    known = _comments(connection)
    for event_name, declared in wanted.items():
        view = view_of(event_name)
        ensure_view(connection, f"marts.{view}", _query(event_name, given, declared), [f"marts.{view}"])
        own = {column.name: column.description or _described(column) for column in declared}
        about = f"One row per event {event_name} of people, as in events, with the properties that are declared of it."
        describe(connection, "view", "marts", view, {"": about} | {name: known[name] for name in given} | own)
        grant(connection, f"marts.{view}")
    _drop_others(connection, {view_of(event_name) for event_name in wanted})


def _query(event_name: str, given: Sequence[str], declared: Sequence[Column]) -> sql.Composed:
    typed = [
        sql.SQL("{} as {}").format(
            sql.SQL(TYPES[column.type].value).format(
                json=sql.SQL("(properties -> {})").format(sql.Literal(column.of)),
                text=sql.SQL("(properties ->> {})").format(sql.Literal(column.of)),
            ),
            sql.Identifier(column.name),
        )
        for column in declared
    ]
    selected = sql.SQL(", ").join([*map(sql.Identifier, given), *typed])
    return sql.SQL("select {} from marts.events where event_name = {}").format(selected, sql.Literal(event_name))


def _described(column: Column) -> str:
    return f"Property {column.of}: {TYPES[column.type].takes}; null where it is none, or missing."


def _drop_others(connection: Connection, wanted: set[str]) -> None:
    found: Iterable[str] = connection.execute(
        text(
            "select relname::text from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'v'"
            " and pg_get_userbyid(relowner) = current_user and starts_with(relname, :prefix)"
        ),
        {"prefix": OF_PROPERTIES},
    ).scalars()
    for view in sorted(set(found) - wanted):
        drop_views(connection, [f"marts.{view}"])


def _comments(connection: Connection) -> dict[str, str]:
    rows = connection.execute(
        text(
            "select attname::text as name, coalesce(col_description(attrelid, attnum), '') as said from pg_attribute"
            " where attrelid = 'marts.events'::regclass and attnum > 0 and not attisdropped"
        )
    )
    return {row.name: row.said for row in rows}


# New ones come last, so that a view that others depend on can be replaced.
_DECLARED = """
select event_name, property, min(type) as type,
    coalesce((array_agg(description order by declared_at) filter (where description <> ''))[1], '') as description
from ops.declared_properties
group by event_name, property
order by event_name, min(declared_at), property
"""
