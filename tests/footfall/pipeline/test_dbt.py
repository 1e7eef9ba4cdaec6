"""dbt does only what has changed, over few connections."""

import msgspec
import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, dbt, night, statements
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.nights import visits
from warehouse.postgres.roles import Role
from warehouse.publication.publish import fingerprint


@pytest.fixture
def build(installation, landing):
    """Build the day's candidate: `build()`."""
    landing.land(*visits(2))
    night.load(installation)

    def run():
        wanted = night.next_slice(installation)
        candidates.begin(installation, wanted)
        dbt.build(installation.settings, installation.database.roles[Role.TRANSFORMER])

    return run


def test_a_build_opens_a_connection_for_each_thread_and_none_for_each_model(installation, build):
    build()
    opened = "select sessions from pg_stat_database where datname = current_database()"
    ((before,),) = rows(installation.engine, opened)
    build()
    ((after,),) = rows(installation.engine, opened)
    threads = int(dbt.environment(installation.settings, installation.database.administrator)["DBT_THREADS"])
    # Beside its threads, dbt has one for the schemas, and one for each schema that it looks into.
    assert 0 < after - before <= threads + 8


def test_a_list_is_loaded_again_only_if_its_file_changed(installation, build):
    build()
    made = "select 'staging.sources'::regclass::oid, count(*) from staging.sources"
    first = rows(installation.engine, made)
    held = rows(installation.engine, "select * from staging.sources order by 1, 2")
    build()
    assert rows(installation.engine, made) == first
    with installation.engine.begin() as connection:
        connection.execute(text("delete from staging.sources"))
        connection.execute(text("comment on table staging.sources is 'of another file'"))
    build()
    ((table, count),) = rows(installation.engine, made)
    assert (table == first[0][0], count) == (False, first[0][1])
    assert rows(installation.engine, "select * from staging.sources order by 1, 2") == held


def test_a_build_is_repeated_without_dbt_and_what_fails_then_is_built_by_dbt(installation, build, monkeypatch):
    def candidate():
        with installation.engine_of(Role.CHECKER).connect() as connection:
            return fingerprint(connection, published_marts(installation))

    build()
    built = candidate()
    of_dbt, runs = dbt.run, []
    monkeypatch.setattr(dbt, "run", lambda *given, **named: runs.append(given) or of_dbt(*given, **named))
    with installation.engine.begin() as connection:
        connection.execute(text("drop view intermediate.int_runs cascade"))
        connection.execute(text("drop table staging.sources, staging.channel_rules cascade"))
    build()
    assert (candidate(), runs) == (built, [])
    # A table is dropped as a table: what is none stands in its way.
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        connection.execute(text("drop table intermediate.int_hosts cascade"))
        connection.execute(text("create view intermediate.int_hosts as select 1 as one"))
    build()
    assert candidate() == built
    assert runs


def test_the_step_from_which_the_way_to_the_end_is_longest_comes_first():
    steps = [
        statements.Step("s", "short", "", (), 1),
        statements.Step("s", "last", "", ("first",), 5),
        statements.Step("s", "first", "", (), 0.1),
    ]
    assert [step.name for step in statements.longest_way_first(steps)] == ["first", "last", "short"]


def test_statements_of_other_files_are_not_repeated(tmp_path):
    path = tmp_path / "statements.json"
    path.write_bytes(msgspec.json.encode(statements.Recording("before", (), ())))
    assert statements.read(path, "before") == statements.Recording("before", (), ())
    assert statements.read(path, "after") is None
    path.write_text("cut off")
    assert statements.read(path, "before") is None


def test_statements_name_no_database():
    written = 'create table "footfall"."audit"."sessions" as select "footfall"."audit" from "other"."raw"."events"'
    expected = 'create table "audit"."sessions" as select "footfall"."audit" from "other"."raw"."events"'
    assert statements.in_any_database(written, "footfall") == expected
