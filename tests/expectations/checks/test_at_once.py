"""The query that decides on many checks at once finds a row exactly where one of them fails."""

import pytest
from sqlalchemy import create_engine, text

from expectations.checks.at_once import decided_at_once, offenders
from expectations.checks.check import Check, Suite, between, never_null, no_rows, not_negative, one_of, unique

SOUND = "('shop', 1, 'a''b', 0), ('shop', 2, null, 10), ('shop', 3, 'c', null)"
AT_ONCE = (
    unique("site_id", "page_id"),
    *never_null("site_id"),
    one_of("kind", "a'b", "c"),
    *not_negative("page_id"),
    between("share", 0, 10),
)
APART = (
    no_rows("few", "Pages are few", "select 1 from audit.pages limit 0"),
    # A tenth of the rows may offend, which the query does not know.
    Check("mostly", "mostly", "ExpectColumnValuesToNotBeNull", {"column": "kind", "mostly": 0.9}),
)
SUITE = Suite("pages", ("site_id", "page_id"), (*AT_ONCE, *APART))


@pytest.fixture
def found(database_url):
    """How many rows the query finds in these rows and sound ones: `found(rows)`."""
    engine = create_engine(database_url)

    def count(*rows):
        with engine.connect() as connection:
            connection.execute(text("set search_path = pg_temp"))
            connection.execute(text("create temporary table pages (site_id text, page_id int, kind text, share float)"))
            connection.exec_driver_sql(f"insert into pages values {', '.join([SOUND, *rows])}")
            return len(connection.exec_driver_sql(offenders(SUITE)).all())

    yield count
    engine.dispose()


def test_only_checks_whose_every_argument_is_understood_are_decided_at_once():
    assert decided_at_once(SUITE) == AT_ONCE


@pytest.mark.parametrize(
    ("row", "offends"),
    [
        ("('shop', 4, 'c', 10)", False),
        ("('shop', 3, 'c', 10)", True),
        ("(null, 4, 'c', 10)", True),
        ("('shop', 0, 'c', 10)", False),
        ("('shop', -1, 'c', 10)", True),
        ("('shop', 4, 'd', 10)", True),
        ("('shop', 4, 'c', 10.1)", True),
        ("('shop', 4, 'c', -0.1)", True),
        ("('shop', 4, 'c', 'infinity')", True),
    ],
)
def test_a_row_that_one_check_rejects_is_found(found, row, offends):
    assert found(row) == offends
