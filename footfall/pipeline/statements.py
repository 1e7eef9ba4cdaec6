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


class Recording(msgspec.Struct, frozen=True):
    """The statements of one build by dbt."""

    state: str
    """Hash of the files that dbt read."""
    lists: dict[str, str]
    """Table of a loaded list, `schema.name` → its comment, which names the content of its file."""
    steps: tuple[Step, ...]


def read(path: Path, state: str) -> Recording | None:
    """Return the recording, if there is one of these files."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Recording)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found if found.state == state else None


def record(path: Path, state: str, results: Sequence[Any]) -> None:
    """Keep the statements of dbt's build, unless a model is built in a way that is not the project's own."""
    models = {each.node.unique_id: each for each in results if each.node.resource_type == "model"}
    lists = {
        f"{each.node.schema}.{each.node.name}": each.node.checksum.checksum
        for each in results
        if each.node.resource_type == "seed"
    }
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
    write(path, msgspec.json.encode(Recording(state, lists, steps)))


def repeat(
    path: Path, recording: Recording, connect: Callable[[], psycopg.Connection], threads: int
) -> dict[tuple[str, str], float] | None:
    """Run the statements, so many at once.

    Returns:
        (schema, name) of each relation → seconds that it took; None if lists are not loaded as they were.

    Raises:
        psycopg.Error: a statement failed. What was built until then stays.
    """
    with ExitStack() as open_ones:
        idle = [open_ones.enter_context(connect()) for _ in range(threads)]
        for table, comment in recording.lists.items():
            found = idle[0].execute("select obj_description(to_regclass(%s))", [table]).fetchone()
            if found != (comment,):
                return None
        took = _run(recording.steps, idle)
    if sum(took.values()) > sum(step.seconds for step in recording.steps):
        steps = tuple(msgspec.structs.replace(step, seconds=took[step.name]) for step in recording.steps)
        write(path, msgspec.json.encode(msgspec.structs.replace(recording, steps=steps)))
    return {(step.schema, step.name): took[step.name] for step in recording.steps}


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
