"""The tables people read: made from dbt's contracts, with keys, indexes, comments and grants.

Their rows are written by `warehouse.publication.publish`.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.access.grants import grant
from warehouse.access.row_security import let_users_read
from warehouse.postgres.catalog import columns, run
from warehouse.postgres.database import server_version_number
from warehouse.postgres.roles import Role
from warehouse.tables.comments import describe
from warehouse.tables.decisions import Column, Mart

NOT_ENFORCED_SINCE = 18_00_00
"""The version of PostgreSQL since which a foreign key may be declared without being enforced."""


class MartError(FootfallError):
    """A published table that no longer fits its contract, and what to do."""


def ensure_marts(connection: Connection, marts: Sequence[Mart]) -> None:
    """Make the published tables fit their contracts. May run twice; touches nothing that already fits.

    Raises:
        MartError: a column has another type than the contract says.
    """
    canonical = _canonical(connection, {column.data_type for mart in marts for column in mart.columns})
    for mart in marts:
        existing = columns(connection, f"marts.{mart.name}")
        if not existing:
            _create(connection, mart)
        for column in mart.columns:
            if existing and column.name not in existing:
                _run(connection, "alter table marts.{} add column {} {}", mart.name, column.name, type_of=column)
            elif existing and existing[column.name] != canonical[column.data_type]:
                raise MartError(
                    f"marts.{mart.name}.{column.name} is {existing[column.name]}, its contract says {column.data_type}:"
                    f" alter the column by hand, after `drop view with_today.{mart.name}`, or drop marts.{mart.name}"
                    " (cascade) and run `footfall rebuild`"
                )
        if existing and _key(connection, mart.name) != mart.primary_key:
            _run(connection, "alter table marts.{} drop constraint {} cascade", mart.name, f"{mart.name}_pkey")
            _run(connection, "alter table marts.{} add primary key ({})", mart.name, _names(mart.primary_key))
        _index(connection, mart)
        describe(connection, "table", "marts", mart.name, mart.descriptions)
        grant(connection, mart.relation)
    _require(connection, marts)
    _refer(connection, marts)
    isolate_users(connection, marts)


def isolate_users(connection: Connection, marts: Iterable[Mart]) -> None:
    """Let tokens of one user see their rows, as the yml says, in those of these marts that are there. May run twice."""
    for mart in marts:
        if connection.scalar(text("select to_regclass(:mart)"), {"mart": mart.relation}):
            people = mart.people
            user, unless = (people.user, people.owned_by_device) if people else (None, None)
            let_users_read(connection, mart.relation, user, unless)


def left_behind(connection: Connection, marts: Sequence[Mart]) -> list[str]:
    """Return the published tables that none of these marts describes: their models are gone."""
    rows = connection.execute(
        text(
            "select 'marts.' || relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r'"
            " and pg_get_userbyid(relowner) = :publisher and not relname = any(:known) order by 1"
        ),
        {"publisher": Role.PUBLISHER, "known": [mart.name for mart in marts]},
    )
    return list(rows.scalars())


def unknown_tables(connection: Connection, marts: Sequence[Mart]) -> list[str]:
    """Return the tables and stored views in schema marts that none of these marts describes, whoever made them."""
    rows = connection.execute(
        text(
            "select 'marts.' || relname from pg_class where relnamespace = 'marts'::regnamespace"
            " and relkind in ('r', 'p', 'm') and not relname = any(:known) order by 1"
        ),
        {"known": [mart.name for mart in marts]},
    )
    return list(rows.scalars())


def _create(connection: Connection, mart: Mart) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name), sql.SQL(column.data_type), sql.SQL(" not null" if column.is_required else "")
        )
        for column in mart.columns
    )
    _run(connection, "create table marts.{} ({}, primary key ({}))", mart.name, columns, _names(mart.primary_key))


def _key(connection: Connection, name: str) -> tuple[str, ...]:
    key = text(
        "select attname::text from pg_index cross join unnest(indkey) with ordinality as key (number, place)"
        " join pg_attribute on attrelid = indrelid and attnum = number"
        " where indrelid = to_regclass(:name) and indisprimary order by place"
    )
    return tuple(connection.execute(key, {"name": f"marts.{name}"}).scalars())


def _require(connection: Connection, marts: Sequence[Mart]) -> None:
    """Let no row be without what the contract requires, once all that are there have it.

    A column that came later is null in the rows of before, until their days are built again.
    """
    found = connection.execute(
        text(
            "select relname::text, attname::text from pg_attribute join pg_class on attrelid = pg_class.oid"
            " where relnamespace = 'marts'::regnamespace and relkind = 'r' and attnum > 0 and not attnotnull"
        )
    )
    nullable = {tuple(row) for row in found}
    for mart in marts:
        for column in mart.columns:
            if column.is_required and (mart.name, column.name) in nullable:
                names = sql.Identifier(mart.name), sql.Identifier(column.name)
                missing = sql.SQL("select exists(select from marts.{} where {} is null)").format(*names)
                if not run(connection, missing).scalar_one():
                    _run(connection, "alter table marts.{} alter column {} set not null", mart.name, column.name)


def _refer(connection: Connection, marts: Sequence[Mart]) -> None:
    """Declare what belongs together, so that tools draw the model and join by themselves.

    Nothing is enforced: the gate has checked it, and retention prunes what belongs together by one policy. Servers
    before PostgreSQL 18 know no such declaration.
    """
    if server_version_number(connection) < NOT_ENFORCED_SINCE:
        return
    declared: set[str] = set(
        connection.execute(
            text("select conname::text from pg_constraint where connamespace = 'marts'::regnamespace and contype = 'f'")
        ).scalars()
    )
    keys = {mart.name: {*mart.primary_key} for mart in marts}
    for mart in marts:
        for reference in mart.belongs_to:
            name = f"{mart.name}_{reference.mart}_fkey"
            if keys.get(reference.mart) == {*reference.columns} and name not in declared:
                _run(
                    connection,
                    "alter table marts.{} add constraint {} foreign key ({}) references marts.{} ({}) not enforced",
                    mart.name,
                    name,
                    _names(reference.columns),
                    reference.mart,
                    _names(reference.columns),
                )


def _index(connection: Connection, mart: Mart) -> None:
    for indexed in mart.indexes:
        name = f"{mart.name}_{'_'.join(indexed)}"[:63]
        if connection.scalar(text("select to_regclass(:name)"), {"name": f"marts.{name}"}) is None:
            _run(connection, "create index {} on marts.{} ({})", name, mart.name, _names(indexed))


def _canonical(connection: Connection, data_types: Collection[str]) -> dict[str, str]:
    """Return each type → the same as PostgreSQL writes it."""
    values = ", ".join(f"null::{data_type}" for data_type in data_types)
    cursor: Any = connection.exec_driver_sql(f"select {values}").cursor
    found = [(cursor.pgresult.ftype(place), cursor.pgresult.fmod(place)) for place in range(len(data_types))]
    written: Iterable[str] = connection.execute(
        text(
            "select format_type(oid, modifier) from unnest(cast(:oids as oid[]), cast(:modifiers as int[]))"
            " with ordinality as type (oid, modifier, place) order by place"
        ),
        {"oids": [oid for oid, _ in found], "modifiers": [modifier for _, modifier in found]},
    ).scalars()
    return dict(zip(data_types, written, strict=True))


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _run(connection: Connection, statement: str, *parts: str | sql.Composable, type_of: Column | None = None) -> None:
    """Run a statement. Parts that are strings are quoted as identifiers; other parts are inserted as they are."""
    composed = [sql.Identifier(part) if isinstance(part, str) else part for part in parts]
    if type_of:
        composed.append(sql.SQL(type_of.data_type))
    run(connection, sql.SQL(statement).format(*composed))
