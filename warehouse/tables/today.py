"""The tables of schema today, and the views of with_today in which people read them: made from the marts' contracts.

Of each mart there is a table with the rows of the open day, one with the keys of the published rows that these replace,
and a view in which they stand beside the published rows that stay. `warehouse.publication.today` writes the rows.
"""

from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.access.grants import grant
from warehouse.access.row_security import let_users_read
from warehouse.postgres.catalog import run
from warehouse.tables.comments import describe
from warehouse.tables.decisions import Column, Mart

_UNGATED = "With the open day, which no check has seen: such rows are not final. "


def rows_of(mart: Mart) -> str:
    """Return the table with the mart's rows of the open day."""
    return f"today.{mart.name}"


def replaced_by(mart: Mart) -> str:
    """Return the table with the keys of the published rows that these replace."""
    return f"today.replaced_{mart.name}"


def replaced_columns(mart: Mart) -> tuple[Column, ...]:
    """Return the columns of that table: the mart's key, and what its policies ask of a row."""
    people = (mart.people.user, mart.people.owned_by_device) if mart.people else ()
    return tuple(column for column in mart.columns if column.name in {"site_id", *mart.primary_key, *people})


def today_tables(connection: Connection) -> list[str]:
    """Return the tables of schema today, `schema.name`."""
    found = text(
        "select 'today.' || relname from pg_class where relnamespace = 'today'::regnamespace and relkind = 'r'"
    )
    return list(connection.execute(found).scalars())


def clear(connection: Connection) -> None:
    """Empty schema today, and let no build under way fill it: for all that removes rows for good."""
    connection.execute(text("update ops.today set build_number = build_number + 1, as_of = null"))
    empty(connection, today_tables(connection))


def empty(connection: Connection, tables: Iterable[str]) -> None:
    """Delete all rows of these tables, `schema.name`. Readers do not wait."""
    for table in tables:
        run(connection, sql.SQL("delete from {}").format(sql.Identifier(*table.split("."))))


def ensure_today(connection: Connection, marts: Sequence[Mart]) -> None:
    """Make tables and views that fit the marts, as the publisher, who holds MIGRATION. May run twice.

    Touches nothing that already fits. What does not fit is made anew, and is empty until the next build. What belongs
    to no mart any more is dropped.
    """
    existing = _columns_of_all(connection)
    ours = {name for mart in marts for name in (rows_of(mart), replaced_by(mart))}
    for table in sorted(set(today_tables(connection)) - ours):
        _drop_table(connection, table)
    for mart in marts:
        types = existing[mart.relation]
        wanted = {
            rows_of(mart): [(column.name, types[column.name]) for column in mart.columns],
            replaced_by(mart): [(column.name, types[column.name]) for column in replaced_columns(mart)],
            _view(mart): [(column.name, types[column.name]) for column in mart.columns],
        }
        if any(list(existing.get(name, {}).items()) != columns for name, columns in wanted.items()):
            for table in (rows_of(mart), replaced_by(mart)):
                _make_table(connection, table, wanted[table], mart)
            _make_view(connection, mart)


def _view(mart: Mart) -> str:
    return f"with_today.{mart.name}"


def _columns_of_all(connection: Connection) -> Mapping[str, Mapping[str, str]]:
    """Return the columns of all relations in the three schemas: relation → column → type."""
    rows = connection.execute(
        text(
            "select relnamespace::regnamespace || '.' || relname as relation, attname::text,"
            " format_type(atttypid, atttypmod) as data_type"
            " from pg_class join pg_attribute on attrelid = pg_class.oid"
            " where relnamespace in ('marts'::regnamespace, 'today'::regnamespace, 'with_today'::regnamespace)"
            " and relkind in ('r', 'v') and attnum > 0 and not attisdropped order by relation, attnum"
        )
    )
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.relation, {})[row.attname] = row.data_type
    return found


def _drop_table(connection: Connection, table: str) -> None:
    """Drop a table, if it exists, with the view that reads it."""
    run(connection, sql.SQL("drop table if exists {} cascade").format(sql.Identifier(*table.split("."))))


def _make_table(connection: Connection, table: str, columns: Sequence[tuple[str, str]], mart: Mart) -> None:
    name = sql.Identifier(*table.split("."))
    listed = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(each), sql.SQL(kind)) for each, kind in columns)
    _drop_table(connection, table)
    run(connection, sql.SQL("create table {} ({})").format(name, listed))
    grant(connection, table)
    people = mart.people
    let_users_read(connection, table, *((people.user, people.owned_by_device) if people else (None, None)))


def _make_view(connection: Connection, mart: Mart) -> None:
    query = (
        "create view {view} with (security_invoker=true) as"
        " select {columns} from {published} as published where not exists (select from {replaced} as replaced"
        " where {same} and (select ops.today_as_of()) is not null)"
        " union all select {columns} from {rows} where (select ops.today_as_of()) is not null"
    )
    parts = {
        "columns": sql.SQL(", ").join(map(sql.Identifier, mart.column_names)),
        "same": sql.SQL(" and ").join(
            sql.SQL("replaced.{0} = published.{0}").format(sql.Identifier(key)) for key in mart.primary_key
        ),
    }
    names = {"view": _view(mart), "published": mart.relation, "replaced": replaced_by(mart), "rows": rows_of(mart)}
    named = {what: sql.Identifier(*name.split(".")) for what, name in names.items()}
    run(connection, sql.SQL(query).format(**parts, **named))
    described = {**mart.descriptions, "": _UNGATED + mart.description}
    describe(connection, "view", "with_today", mart.name, described)
    grant(connection, _view(mart))
