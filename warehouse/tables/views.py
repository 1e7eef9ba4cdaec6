"""The views people read: over raw events and contacts, and over marts. Their SQL is in the folder `views/`.

Views of schema live run with the rights of their owner, because their readers may read neither raw nor the vault. So
each filters the sites that its reader may see, before any other condition of a query. Views of marts run with the
reader's rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.errors import DependentObjectsStillExist
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from runtime.errors import FootfallError
from warehouse.access.grants import grant
from warehouse.postgres.catalog import columns, run
from warehouse.tables.comments import describe
from warehouse.tables.contracts import View

VIEWS = (
    "live.active_sessions",
    "live.areas",
    "live.visitors_by_page",
    "live.community_visitors",
    "live.payment_errors",
    "live.events",
    "live.arrivals",
    "live.profile_contacts",
    "live.payment_contacts",
    "live.addresses",
    "marts.sites",
    "marts.dates",
    "marts.daily_revenue",
    "marts.daily_top",
    "marts.weekly_retention",
    "marts.visitor_counts",
    "marts.checkout_items",
    "marts.sessions_current_user",
    "marts.session_contacts",
    "marts.customer_contacts",
    "marts.payment_error_contacts",
)
"""In an order in which each view follows the views that it reads."""

_OPTIONS = {"live": "security_barrier=true", "marts": "security_invoker=true"}
"""Schema → the role that makes its views."""

_FOLDER = Path(__file__).parent / "views"


class ViewError(FootfallError):
    """A view that cannot be replaced, and what to do."""


def ensure_views(connection: Connection, schema: str, described: Mapping[str, View]) -> None:
    """Make the schema's views as their files say; each once what it needs is there. The caller holds MIGRATION.

    May run twice; touches no view that already fits. The administrator makes the views of live, the publisher those
    of marts.

    Raises:
        ViewError: a column changes and a view of the user's own depends on it.
    """
    for number, name in enumerate(VIEWS):
        view = described[name]
        if view.schema == schema and all(_exists(connection, relation) for relation in view.needs):
            ensure_view(connection, name, sql.SQL((_FOLDER / f"{name}.sql").read_text()), VIEWS[number:])
            describe(connection, "view", view.schema, view.name, view.descriptions)
            grant(connection, name)


def ensure_view(connection: Connection, name: str, query: sql.Composable, onwards: Sequence[str]) -> None:
    """Make one view, `schema.name`, unless it is so already. Where its columns change, drop the views `onwards` first.

    Raises:
        ViewError: a view of the user's own depends on it.
    """
    schema, _, bare = name.partition(".")
    how = sql.SQL(f"with ({_OPTIONS[schema]}) as")
    run(connection, sql.SQL("create temporary view wanted_view {} {}").format(how, query))
    wanted, found = _shape(connection, "pg_temp.wanted_view"), _shape(connection, name)
    run(connection, sql.SQL("drop view wanted_view"))
    if found == wanted:
        return
    if found.columns != wanted.columns[: len(found.columns)]:
        drop_views(connection, onwards)
    relation = sql.Identifier(schema, bare)
    run(connection, sql.SQL("create or replace view {} {} {}").format(relation, how, query))


def drop_views(connection: Connection, names: Sequence[str]) -> None:
    """Drop a view whose columns change, and Footfall's later views with it: all of them are made again.

    Those of marts that read a view of live, the next build makes.

    Raises:
        ViewError: a view of the user's own depends on one.
    """
    for name in reversed(names):
        try:
            with connection.begin_nested():
                run(connection, sql.SQL("drop view if exists {}").format(sql.Identifier(*name.split("."))))
        except DBAPIError as error:
            if not isinstance(error.orig, DependentObjectsStillExist):
                raise
            raise ViewError(f"{name} gets other columns; drop views of your own that read it: {error.orig}") from None


@dataclass(frozen=True)
class _Shape:
    """A view as PostgreSQL has understood it."""

    definition: str | None
    options: list[str] | None
    columns: list[tuple[str, str]]


def _shape(connection: Connection, name: str) -> _Shape:
    view = connection.execute(
        text("select pg_get_viewdef(oid) as definition, reloptions from pg_class where oid = to_regclass(:name)"),
        {"name": name},
    ).first()
    return _Shape(
        view.definition if view else None,
        view.reloptions if view else None,
        list(columns(connection, name).items()),
    )


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(text("select to_regclass(:name)"), {"name": name}) is not None
