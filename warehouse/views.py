"""The views people read: over raw events of the last minutes, and over marts. Their SQL is in `warehouse/views/`.

They run with the rights of their owner: the analyst, who may not read raw, may read them.
"""

from collections.abc import Mapping
from pathlib import Path

from psycopg import sql
from psycopg.errors import DependentObjectsStillExist
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from warehouse.comments import describe
from warehouse.contracts import View
from warehouse.statements import run

VIEWS = (
    "live.active_sessions",
    "live.areas",
    "live.visitors_by_page",
    "live.community_visitors",
    "live.payment_errors",
    "marts.sessions_current_user",
)
"""In the order in which they build on each other."""

_FOLDER = Path(__file__).parent / "views"


class ViewError(Exception):
    """A view that cannot be replaced, and what to do."""


def ensure_views(connection: Connection, described: Mapping[str, View]) -> None:
    """Make the views as their files say, those over marts once their tables exist. The caller holds MIGRATION.

    May run twice; touches nothing that already fits.

    Raises:
        ViewError: a column changes and somebody's own view depends on it.
    """
    for number, name in enumerate(VIEWS):
        view = described[name]
        if all(_exists(connection, f"marts.{mart}") for mart in view.needs):
            _ensure(connection, name, VIEWS[number:])
            describe(connection, "view", view.schema, view.name, view.descriptions)


def _ensure(connection: Connection, name: str, onwards: tuple[str, ...]) -> None:
    query = sql.SQL((_FOLDER / f"{name}.sql").read_text())
    relation = sql.Identifier(*name.split("."))
    run(connection, sql.SQL("create temporary view wanted_view as {}").format(query))
    wanted, found = _shape(connection, "pg_temp.wanted_view"), _shape(connection, name)
    run(connection, sql.SQL("drop view wanted_view"))
    if found == wanted:
        return
    if found[1] != wanted[1][: len(found[1])]:
        _drop(connection, onwards)
    run(connection, sql.SQL("create or replace view {} as {}").format(relation, query))


def _drop(connection: Connection, names: tuple[str, ...]) -> None:
    """Drop a view whose columns change, and those of ours that come after it: they are made again."""
    for name in reversed(names):
        try:
            with connection.begin_nested():
                run(connection, sql.SQL("drop view if exists {}").format(sql.Identifier(*name.split("."))))
        except DBAPIError as error:
            if not isinstance(error.orig, DependentObjectsStillExist):
                raise
            raise ViewError(f"{name} gets other columns; drop views of your own that read it: {error.orig}") from None


def _shape(connection: Connection, name: str) -> tuple[str | None, list[tuple[str, str]]]:
    """The definition of a view as PostgreSQL has understood it, and its columns."""
    columns = connection.execute(
        text(
            "select attname, format_type(atttypid, atttypmod) as data_type from pg_attribute"
            " where attrelid = to_regclass(:name) and attnum > 0 order by attnum"
        ),
        {"name": name},
    )
    definition = connection.scalar(text("select pg_get_viewdef(to_regclass(:name))"), {"name": name})
    return definition, [(row.attname, row.data_type) for row in columns]


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(text("select to_regclass(:name)"), {"name": name}) is not None
