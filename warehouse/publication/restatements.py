"""Published figures that change later: old value, new value, and why.

Only days that were over when they were published count: the figures of the current day always grow.
"""

from datetime import date
from decimal import Decimal

from psycopg import sql
from sqlalchemy import Connection

from warehouse.postgres.catalog import run
from warehouse.postgres.statements import statement
from warehouse.publication.slices import Candidate
from warehouse.tables.decisions import DAY, Mart

Figures = dict[tuple[str, date, str], Decimal]
"""(site, day, column) → headline figure."""


def headline_figures(connection: Connection, mart: Mart) -> Figures:
    """Read the published headline figures of a mart for the days that the candidate replaces.

    Returns:
        (site, day, column) → count.
    """
    if not mart.headline:
        return {}
    query = sql.SQL(
        "select m.site_id, m.{day} as day, headline.key as figure, headline.value::numeric from marts.{mart} m"
        " join intermediate.{keys} s on s.site_id = m.site_id and s.{day} = m.{day}"
        " cross join lateral jsonb_each_text(jsonb_build_object({figures})) headline"
    ).format(
        day=sql.Identifier(DAY),
        mart=sql.Identifier(mart.name),
        keys=sql.Identifier(mart.replaced_keys),
        figures=sql.SQL(", ").join(
            sql.SQL("{}, m.{}").format(sql.Literal(name), sql.Identifier(name)) for name in mart.headline
        ),
    )
    return {(row.site_id, row.day, row.figure): row.value for row in run(connection, query)}


def record_restatements(
    connection: Connection, publication_id: int, candidate: Candidate, before: Figures, after: Figures
) -> None:
    """Record the figures that a publication changed, on days that were over when they were published before.

    A figure without a row counts as 0.
    """
    nothing = Decimal(0)
    changed = [
        {
            "site": key[0],
            "day": key[1],
            "figure": key[2],
            "old": before.get(key, nothing),
            "new": after.get(key, nothing),
        }
        for key in sorted(before.keys() | after.keys())
        if before.get(key, nothing) != after.get(key, nothing)
    ]
    if changed:
        common = {"publication_id": publication_id, "candidate_id": candidate.candidate_id}
        connection.execute(statement(__file__, "record_restatements"), [common | row for row in changed])
