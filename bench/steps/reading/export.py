"""A mart as CSV, NDJSON and Parquet, each in a process of its own, against a bare `COPY` of it."""

from collections.abc import Iterator

from psycopg import sql
from psycopg.pq.abc import PGconn

from bench.elsewhere import Watched, elsewhere
from bench.figure import Figure, Target, seconds
from bench.scene import count
from footfall.answers.export import ExportFormat, exported
from footfall.pipeline.installation import Installation, open_installation
from runtime.settings import Settings
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import Role

SHARES = {ExportFormat.CSV: 0.6, ExportFormat.NDJSON: 0.6, ExportFormat.PARQUET: 0.2}
"""Target: at least this share of the rows a second of `COPY`."""


def measure(installation: Installation, repeats: int, mart: str) -> Iterator[Figure]:
    """Measure. Changes nothing."""
    rows = count(installation, f"marts.{mart}")
    for form, share in SHARES.items():
        pairs = [(_elsewhere(installation, mart, form), _elsewhere(installation, mart, None)) for _ in range(repeats)]
        measured, reference = ([each[number] for each in pairs] for number in (0, 1))
        yield Figure(
            f"{rows:,} {mart} as {form}",
            "copy … to stdout",
            Target(at_most=1 / share),
            tuple(each.result for each in measured),
            tuple(each.result for each in reference),
            {"peak_memory_mb": round(max(each.peak_bytes for each in measured) / 1e6)},
        )


def _elsewhere(installation: Installation, mart: str, form: ExportFormat | None) -> Watched:
    return elsewhere(_read, installation.settings, mart, form)


def _read(settings: Settings, mart: str, form: ExportFormat | None) -> float:
    """Return the seconds until all rows have come, in a format or, without one, as `copy` gives them."""
    query = sql.SQL("select * from marts.{}").format(sql.Identifier(mart)).as_string()
    with open_installation(settings) as installation, connect(installation.database.roles[Role.ANALYST]) as connection:
        if form is None:
            return seconds(lambda: _copied(connection.pgconn, query))
        return seconds(lambda: sum(map(len, exported(connection.pgconn, query, form))))


def _copied(connection: PGconn, query: str) -> None:
    connection.exec_(f"copy ({query}) to stdout".encode())
    while connection.get_copy_data(0)[0] > 0:
        pass
    while connection.get_result():
        pass
