"""What of an error of the database may be quoted, and which errors rows can cause: with real errors."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from warehouse.postgres.errors import is_by_rows, may_pass, quotable

SECRET = "ann@example.com"
BY_ROWS = {
    "select 1 / (length(:said) - 15)": "division by zero",
    "select cast(:said as integer)": 'invalid input syntax for type integer: "…"',
    "select cast('\"\n' || :said as date)": 'invalid input syntax for type date: "…"',
    "select to_date(:said, 'YYYY')": 'invalid value "…"',
    "select cast('{' || :said as json)": "invalid input syntax for type json",
    "select 'a' ~ ('(' || :said)": "invalid regular expression: parentheses () not balanced",
    "select (select v from (values (1), (2)) as two (v)) from (select :said) as one": "more than one row returned by a subquery used as an expression",
    "insert into kept values (:said), (:said)": 'duplicate key value violates unique constraint "kept_pkey"',
    "insert into kept values (null), (:said)": 'null value in column "who" of relation "kept" violates not-null constraint',
    "insert into kept select :said || string_agg(md5(cast(g as text)), '') from generate_series(1, 500) g": "index row requires 16032 bytes, maximum size is 8191",
    "select pg_temp.raised(:said)": "a function raised an error (P0001)",
    "select pg_sleep(5), :said": "canceling statement due to statement timeout",
}
OTHERS = ["select nowhere, :said", "select :said from nowhere", "select pg_terminate_backend(pg_backend_pid()), :said"]


@pytest.fixture(scope="module")
def engine(server_url):
    made = create_engine(server_url)
    yield made
    made.dispose()


def error_of(engine, statement):
    with engine.connect() as connection:
        connection.exec_driver_sql("create temporary table kept (who text primary key)")
        connection.exec_driver_sql(
            "create function pg_temp.raised(said text) returns int language plpgsql"
            " as $$ begin raise exception 'no room for %%', said; end $$"
        )
        connection.exec_driver_sql("set local statement_timeout = '500ms'")
        with pytest.raises(DBAPIError) as failed:
            connection.execute(text(statement), {"said": SECRET})
    return failed.value.orig


@pytest.mark.parametrize(("statement", "said"), BY_ROWS.items())
def test_an_error_that_rows_cause_is_quoted_without_their_values(engine, statement, said):
    error = error_of(engine, statement)
    assert is_by_rows(error.sqlstate)
    assert may_pass(error.sqlstate) == ("timeout" in said)
    quoted = quotable(error.sqlstate, error.diag.message_primary)
    assert said in quoted
    assert SECRET not in quoted
    assert quoted.splitlines() == [quoted]


@pytest.mark.parametrize("statement", OTHERS)
def test_an_error_of_the_statement_or_the_server_is_no_fault_of_rows(engine, statement):
    assert not is_by_rows(error_of(engine, statement).sqlstate)
