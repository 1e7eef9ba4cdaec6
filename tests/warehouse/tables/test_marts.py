from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support.database import rows
from tests.support.marts.two_marts import MARTS, PAGES, PEOPLE
from warehouse.postgres.roles import Role
from warehouse.tables.decisions import Column, Reference
from warehouse.tables.marts import MartError, ensure_marts


def ensure(engine, *marts):
    with engine.begin() as connection:
        connection.execute(text("set local lock_timeout = '500ms'"))
        ensure_marts(connection, marts or MARTS)


def with_column(column):
    """`pages` with a column more, or with another definition of one it has."""
    return replace(PAGES, columns=(*(known for known in PAGES.columns if known.name != column.name), column))


def columns(engine, table):
    return rows(
        engine,
        "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_attribute"
        " where attrelid = to_regclass(:table) and attnum > 0 order by attnum",
        table=table,
    )


def test_a_mart_is_made_as_its_contract_says(engine):
    ensure(engine)
    assert columns(engine, "marts.pages") == [(c.name, c.data_type, c.description) for c in PAGES.columns]
    assert rows(engine, "select obj_description('marts.pages'::regclass)") == [(PAGES.description,)]
    assert rows(engine, "select indexdef from pg_indexes where tablename = 'pages' order by indexname") == [
        ("CREATE INDEX pages_event_date_views ON marts.pages USING btree (event_date, views)",),
        ("CREATE INDEX pages_path ON marts.pages USING btree (path)",),
        ("CREATE UNIQUE INDEX pages_pkey ON marts.pages USING btree (site_id, event_date, path)",),
    ]


def test_its_key_is_kept(engine):
    ensure(engine)
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text("insert into marts.people values ('shop', 'ann', 1), ('shop', 'ann', 2)"))


def test_the_analyst_may_read_it_from_the_start(engine):
    ensure(engine)
    assert rows(
        engine,
        "select has_table_privilege(:role, 'marts.pages', 'select'), has_table_privilege(:role, 'marts.pages', 'update')",
        role=Role.ANALYST,
    ) == [(True, False)]


def test_the_analyst_reads_a_column_that_came_later(engine):
    ensure(engine)
    ensure(engine, with_column(Column("bounces", "integer", "Bounces.")))
    with engine.begin() as connection:
        connection.execute(text(f"set local role {Role.ANALYST}"))
        assert connection.execute(text("select bounces from marts.pages")).all() == []


def test_a_mart_that_fits_is_not_touched(engine):
    ensure(engine)
    with engine.begin() as other:
        other.execute(text("lock table marts.pages, marts.people in share update exclusive mode"))
        ensure(engine)


def test_a_new_column_is_added_with_its_description_and_rows_stay(engine):
    ensure(engine)
    with engine.begin() as connection:
        connection.execute(text("insert into marts.pages values ('shop', '2026-11-02', '/', 1, 2.50, false)"))
    ensure(engine, with_column(Column("bounces", "integer", "Bounces.")))
    assert columns(engine, "marts.pages")[-1] == ("bounces", "integer", "Bounces.")
    assert rows(engine, "select path, revenue::text, bounces from marts.pages") == [("/", "2.50", None)]


def test_a_new_description_of_one_column_is_reported(engine):
    ensure(engine)
    ensure(engine, with_column(Column("views", "integer", "Views, robots excluded.")))
    assert ("views", "integer", "Views, robots excluded.") in columns(engine, "marts.pages")


def test_a_new_index_is_made(engine):
    ensure(engine)
    ensure(engine, replace(PAGES, indexes=(*PAGES.indexes, ("views",))))
    assert rows(engine, "select to_regclass('marts.pages_views')::text") == [("marts.pages_views",)]


def test_another_key_replaces_the_one_it_had(engine):
    ensure(engine)
    key = (*PAGES.primary_key, "views")
    ensure(engine, replace(PAGES, primary_key=key))
    assert rows(engine, "select pg_get_constraintdef(oid) from pg_constraint where conname = 'pages_pkey'") == [
        (f"PRIMARY KEY ({', '.join(key)})",)
    ]


@pytest.mark.parametrize(
    ("column", "data_type"),
    [("views", "bigint"), ("revenue", "numeric(14,2)"), ("revenue", "numeric"), ("event_date", "text")],
)
def test_a_column_of_another_type_is_refused_with_the_fix(engine, column, data_type):
    ensure(engine)
    with pytest.raises(MartError, match=rf"marts\.pages\.{column} is .*its contract says .*drop marts\.pages"):
        ensure(engine, with_column(Column(column, data_type, "")))


@pytest.mark.parametrize(
    ("column", "data_type"), [("views", "int"), ("path", "TEXT"), ("revenue", "decimal(12, 2)"), ("is_final", "bool")]
)
def test_another_spelling_of_the_same_type_is_the_same_type(engine, column, data_type):
    ensure(engine)
    ensure(engine, with_column(Column(column, data_type, "")))


def test_what_a_contract_requires_is_never_null(engine):
    ensure(engine, with_column(Column("bounces", "integer", "Bounces.", is_required=True)))
    with engine.begin() as connection, pytest.raises(IntegrityError, match="bounces"):
        connection.execute(text("insert into marts.pages values ('shop', '2026-11-02', '/', 1, 2.50, false, null)"))


def test_a_required_column_that_came_later_is_null_until_all_rows_have_it(engine):
    later = with_column(Column("bounces", "integer", "Bounces.", is_required=True))
    required = "select attnotnull from pg_attribute where attrelid = 'marts.pages'::regclass and attname = 'bounces'"
    ensure(engine)
    with engine.begin() as connection:
        connection.execute(text("insert into marts.pages values ('shop', '2026-11-02', '/', 1, 2.50, false)"))
    ensure(engine, later)
    assert rows(engine, required) == [(False,)]
    with engine.begin() as connection:
        connection.execute(text("update marts.pages set bounces = 0"))
    ensure(engine, later)
    assert rows(engine, required) == [(True,)]


def test_tools_see_to_which_rows_of_another_mart_a_row_belongs_and_nothing_is_enforced(engine):
    to_their_key, to_a_part = Reference("people", PEOPLE.primary_key), Reference("people", ("site_id",))
    visited = with_column(Column("visitor_id", "text", "The visitor."))
    referring = replace(visited, belongs_to=(to_their_key, to_a_part))
    ensure(engine, referring, PEOPLE)
    ensure(engine, referring, PEOPLE)
    assert rows(
        engine,
        "select confrelid::regclass::text, conenforced from pg_constraint where contype = 'f'"
        " and conrelid = 'marts.pages'::regclass",
    ) == [("marts.people", False)]
