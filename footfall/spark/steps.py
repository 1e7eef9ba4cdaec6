"""Steps of a query that Spark would repeat wherever they are named: written out once, as PostgreSQL holds them.

Spark copies a step (`with step as (…)`) into each place that names it, and then the steps in it. A query of thirty
steps can so read its tables eight thousand times, and planning alone does not end. Such a statement is cut in several.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

SCHEMA = "steps"
"""Where tables of steps lie, for as long as the session."""
MOST_READS = 24
"""A step is written out where its places would read more relations than this."""

_SKIPPED = r"--[^\n]*|/\*.*?\*/|[rR]'[^']*'|'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`"
_TOKEN = re.compile(rf"(?P<skipped>{_SKIPPED})|(?P<mark>[(),])|(?P<word>\w+)", re.DOTALL)
_READ = re.compile(r"\b(?:from|join)\s+(\w+)\b(?!\s*\.)", re.IGNORECASE)
_CREATED = re.compile(r"\bcreate table\s+([\w.]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Step:
    """One named step, and the query in its brackets."""

    name: str
    query: str


def cut(statement: str) -> list[str]:
    """Return the statements that do what this one does, and read no relation too often: one, in most cases."""
    created = _CREATED.search(statement)
    found = _split(statement)
    if not created or not found:
        return [statement]
    before, steps, after = found
    named = Counter(name for text in (*(step.query for step in steps), after) for name in _reads(text))
    prefix = f"{SCHEMA}.{created[1].replace('.', '__')}__"
    reads: dict[str, int] = {}
    written: list[str] = []
    left: list[Step] = []
    for step in steps:
        reads[step.name] = max(1, sum(reads.get(name, 1) for name in _reads(step.query)))
        if named[step.name] > 1 and named[step.name] * reads[step.name] > MOST_READS:
            table = prefix + step.name
            needed = _needed(left, step.query)
            written += [f"drop table if exists {table}", f"create table {table} as {needed}{step.query}"]
            left.append(Step(step.name, f"select * from {table}"))
            reads[step.name] = 1
        else:
            left.append(step)
    if not written:
        return [statement]
    return [f"create schema if not exists {SCHEMA}", *written, f"{before}{_needed(left, after)}{after}"]


def _needed(steps: list[Step], query: str) -> str:
    """Return the `with` of those steps that a query names, and those that these name."""
    wanted, names = [], set(_reads(query))
    for step in reversed(steps):
        if step.name in names:
            wanted.append(f"{step.name} as ({step.query})")
            names.update(_reads(step.query))
    return f"with {', '.join(reversed(wanted))}\n" if wanted else ""


def _reads(query: str) -> Iterator[str]:
    """Give each name that a query reads, as often as it does."""
    bare = _TOKEN.sub(lambda token: " " if token["skipped"] else token[0], query)
    yield from (name.lower() for name in _READ.findall(bare))


def _split(statement: str) -> tuple[str, list[Step], str] | None:
    """Return what is before the first `with`, its steps, and what is after them; None where there is none."""
    tokens = [token for token in _TOKEN.finditer(statement) if not token["skipped"]]
    words = [token[0].lower() for token in tokens]
    for start, word in enumerate(words):
        if word == "with" and words[start + 2 : start + 4] == ["as", "("]:
            break
    else:
        return None
    steps, at = [], start + 1
    while True:
        opened = at + 2
        closed = _closing(words, opened)
        if closed is None:
            return None
        query = statement[tokens[opened].end() : tokens[closed].start()]
        steps.append(Step(words[at], query))
        if words[closed + 1] != ",":
            return statement[: tokens[start].start()], steps, statement[tokens[closed].end() :]
        at = closed + 2


def _closing(words: list[str], opened: int) -> int | None:
    """Return the place of the bracket that closes this one, and is not the last word."""
    depth = 0
    for place in range(opened, len(words)):
        depth += {"(": 1, ")": -1}.get(words[place], 0)
        if not depth:
            return place if place + 1 < len(words) else None
    return None
