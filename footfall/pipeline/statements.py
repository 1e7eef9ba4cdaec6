"""A build without dbt: the statements with which dbt built the same project before, in the order that they need.

They follow from the files of the project alone. dbt imports, parses and renders for longer than PostgreSQL takes for a
small night, so a night repeats what dbt wrote down as it ran. What fails here, dbt builds again, and says why.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from runtime.files import write

REPEATED = ("table", "view")
"""The materializations whose statements hold in any state of the database: they are the project's own."""


class Step(msgspec.Struct, frozen=True):
    """One table or view."""

    schema: str
    name: str
    statements: str
    needs: tuple[str, ...]
    """Names of the steps before it."""
    seconds: float
    """How long it took in the longest build."""


class List(msgspec.Struct, frozen=True):
    """One list that dbt loaded from a file."""

    table: str
    columns: str
    rows: str
    """As `copy` writes them."""
    comment: str
    """The comment of the table: it names the content of the file."""


class Recording(msgspec.Struct, frozen=True):
    """The statements of one build by dbt."""

    state: str
    """Hash of the files that dbt read."""
    lists: tuple[List, ...]
    steps: tuple[Step, ...]


def read(path: Path, state: str) -> Recording | None:
    """Return the recording, if there is one of these files."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Recording)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found if found.state == state else None


def record(path: Path, state: str, results: Sequence[Any], connect: Callable[[], psycopg.Connection]) -> None:
    """Keep the statements of dbt's build, unless a model is built in a way that is not the project's own."""
    models = {each.node.unique_id: each for each in results if each.node.resource_type == "model"}
    if any(each.node.config.materialized not in REPEATED for each in models.values()):
        return
    steps = tuple(
        Step(
            each.node.schema,
            each.node.name,
            in_any_database(Path(each.node.build_path).read_text(), each.node.database),
            tuple(models[name].node.name for name in each.node.depends_on_nodes if name in models),
            each.execution_time,
        )
        for each in models.values()
    )
    seeds = [each.node for each in results if each.node.resource_type == "seed"]
    with connect() as connection:
        lists = tuple(_read(connection, f"{seed.schema}.{seed.name}", seed.checksum.checksum) for seed in seeds)
    write(path, msgspec.json.encode(Recording(state, lists, steps)))


def repeat(
    path: Path, recording: Recording, connect: Callable[[], psycopg.Connection], threads: int
) -> dict[tuple[str, str], float]:
    """Load the lists that are not there, and run the statements, so many at once.

    Returns:
        (schema, name) of each relation → seconds that it took.

    Raises:
        psycopg.Error: a statement failed. What was built until then stays.
    """
    with ExitStack() as open_ones:
        idle = [open_ones.enter_context(connect()) for _ in range(threads)]
        for each in recording.lists:
            found = idle[0].execute("select obj_description(to_regclass(%s))", [each.table]).fetchone()
            if found != (each.comment,):
                _load(idle[0], each)
        took = _run(recording.steps, idle)
    if sum(took.values()) > sum(step.seconds for step in recording.steps):
        steps = tuple(msgspec.structs.replace(step, seconds=took[step.name]) for step in recording.steps)
        write(path, msgspec.json.encode(msgspec.structs.replace(recording, steps=steps)))
    return {(step.schema, step.name): took[step.name] for step in recording.steps}


def _read(connection: psycopg.Connection, table: str, comment: str) -> List:
    columns = connection.execute(
        "select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)"
        " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    ).fetchone()
    with connection.cursor().copy(sql.SQL("copy {} to stdout").format(_named(table))) as copied:
        rows = b"".join(copied).decode()
    return List(table, columns[0] if columns else "", rows, comment)


def _load(connection: psycopg.Connection, given: List) -> None:
    table = _named(given.table)
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {} cascade").format(table))
        cursor.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(given.columns)))
        with cursor.copy(sql.SQL("copy {} from stdin").format(table)) as copied:
            copied.write(given.rows)
        cursor.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(given.comment)))


def _named(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


def _run(steps: Sequence[Step], idle: list[psycopg.Connection]) -> dict[str, float]:
    """Run each step after those that it needs, first the one with the longest way to the end."""
    left = longest_way_first(steps)
    took: dict[str, float] = {}
    running: dict[Future[float], tuple[Step, psycopg.Connection]] = {}
    with ThreadPoolExecutor(len(idle)) as pool:
        try:
            while left or running:
                ready = [step for step in left if took.keys() >= {*step.needs}][: len(idle)]
                for step in ready:
                    left.remove(step)
                    connection = idle.pop()
                    running[pool.submit(_execute, connection, step.statements)] = step, connection
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    step, connection = running[done]
                    took[step.name] = done.result()
                    del running[done]
                    idle.append(connection)
        except BaseException:
            while wait(running, timeout=0.1).not_done:
                for _, connection in running.values():
                    connection.cancel_safe()
            raise
    return took


def longest_way_first(steps: Sequence[Step]) -> list[Step]:
    """Sort steps by the seconds from their start to the end of all that cannot be built before them."""
    ways: dict[str, float] = {}
    followers: Mapping[str, list[Step]] = {step.name: [] for step in steps}
    for step in steps:
        for name in step.needs:
            followers[name].append(step)

    def way(step: Step) -> float:
        if step.name not in ways:
            ways[step.name] = step.seconds + max(map(way, followers[step.name]), default=0)
        return ways[step.name]

    return sorted(steps, key=way, reverse=True)


def _execute(connection: psycopg.Connection, statements: str) -> float:
    began = time.perf_counter()
    connection.execute(f"begin;{statements}".encode())
    return time.perf_counter() - began


def in_any_database(statements: str, database: str) -> str:
    """Leave the database out of names of relations: `"footfall"."audit"."sessions"`."""
    return re.sub(rf'"{re.escape(database)}"\.(?="[^"]+"\.")', "", statements)
