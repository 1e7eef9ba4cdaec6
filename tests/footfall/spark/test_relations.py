"""What comes back from Spark is all that is read after a build: the checks' queries and publishing's statements say what."""

import re

from expectations.suites import suites_of
from footfall.spark.bring_back import relations_read
from runtime.settings import PROJECT
from tests.support.marts.contracts import MARTS

RELATION = re.compile(r"\b(?:intermediate|staging|audit)\.[a-z_]+\b")


def test_the_checks_read_nothing_else_of_a_build():
    read = set()
    for suite in suites_of(MARTS):
        for check in suite.checks:
            read.update(RELATION.findall(repr(check)))
    assert read - {"audit.slice_days"} <= set(relations_read(MARTS))


def test_the_statements_after_a_build_read_nothing_else():
    after = [
        path
        for folder in ("warehouse", "expectations", "footfall", "serving")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in (".py", ".sql") and "migrations" not in path.parts
    ]
    read = {found for path in after for found in re.findall(r"\b(?:intermediate|staging)\.[a-z_]+\b", path.read_text())}
    assert read <= set(relations_read(MARTS))
