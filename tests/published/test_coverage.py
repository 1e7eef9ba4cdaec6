"""`docs/coverage.md` promises nothing that is not there."""

import re

import pytest

from footfall.answers.questions import questions
from runtime.settings import PROJECT
from serving.api.application import ROUTERS
from tests.support.database import rows

LINES = [
    line.split(" | ")
    for line in (PROJECT / "docs" / "coverage.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| question |")
]
PATHS = {route.path_format for router in ROUTERS for route in router.routes}


@pytest.fixture(scope="session")
def there(published):
    """Every relation and column in the schemas that the page names, marts also without their schema."""
    found = rows(
        published.engine,
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('raw', 'ops', 'live', 'marts')",
    )
    names = {name for schema, table, column in found for name in (f"{schema}.{table}", f"{schema}.{table}.{column}")}
    return names | {name.removeprefix("marts.") for name in names}


@pytest.mark.parametrize("line", LINES, ids=[line[0].strip("| ") for line in LINES])
def test_each_answer_is_where_the_page_says(there, line):
    named = re.findall(r"`(.+?)`", line[-1])
    assert named
    for name in named:
        if name.startswith("GET "):
            assert name.removeprefix("GET ") in PATHS
        elif name.startswith("footfall ask "):
            assert name.removeprefix("footfall ask ") in questions()
        else:
            assert name in there, name
