import re
from datetime import date

import pytest

from runtime.settings import PROJECT
from tests.support.database import rows
from warehouse.publication.dirty_days import Cause, SiteDay, clear_days, dirty_days, mark, mark_found

DAYS = [date(2026, 11, 2), date(2026, 11, 3)]
WRITES = re.compile(r"(insert\s+into|delete\s+from|update)\s+ops\.dirty_days")


def sources(suffix):
    for folder in ("footfall", "ingestion", "orchestration", "warehouse", "expectations"):
        yield from (path for path in (PROJECT / folder).rglob(f"*{suffix}") if "migrations" not in path.parts)


def test_the_table_of_marks_is_written_in_one_module():
    writers = [path.name for suffix in (".py", ".sql") for path in sources(suffix) if WRITES.search(path.read_text())]
    assert writers == ["dirty_days.py"]


def test_every_cause_that_a_model_gives_is_listed():
    models = PROJECT / "dbt_project/models"
    stale = re.findall(r"'(\w+)' as cause", (models / "publication/stale_days.sql").read_text())
    moved = re.findall(r"moved_days\([^)]*'(\w+)'\s*\)", (models / "merged/int_moved_days.sql").read_text())
    assert set(stale) == {Cause.IDENTITY}
    assert set(moved) == {Cause.IDENTITY, Cause.ORDER_MOVED}


def test_marks_say_their_cause_and_frozen_days_are_not_found(engine):
    with engine.begin() as connection:
        mark(connection, [SiteDay("shop", day) for day in DAYS], Cause.REBUILD)
        connection.exec_driver_sql(f"insert into ops.frozen_days (event_date) values ('{DAYS[0]}')")
        found = "select 'shop' as site_id, unnest(cast(:days as date[])) as event_date, cast(:cause as text) as cause"
        assert mark_found(connection, found, {"days": DAYS, "cause": Cause.ERASURE}) == 1
        assert dirty_days(connection) == DAYS
        assert dirty_days(connection, DAYS[0]) == DAYS[:1]
    assert rows(engine, "select event_date, cause, file_id from ops.dirty_days order by mark_id") == [
        (DAYS[0], "rebuild", None),
        (DAYS[1], "rebuild", None),
        (DAYS[1], "erasure", None),
    ]


@pytest.mark.parametrize("days", [DAYS, []])
def test_days_are_cleared_of_every_mark(engine, days):
    with engine.begin() as connection:
        mark(connection, [SiteDay("shop", day) for day in DAYS], Cause.REBUILD)
        clear_days(connection, days)
        assert dirty_days(connection) == [day for day in DAYS if day not in days]
