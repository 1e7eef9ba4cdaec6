"""dbt does only what has changed, over few connections."""

import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, dbt, night
from tests.support.database import rows
from tests.support.nights import visits
from warehouse.postgres.roles import Role


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
    build()
    assert rows(installation.engine, made) == first
    with installation.engine.begin() as connection:
        connection.execute(text("delete from staging.sources"))
        connection.execute(text("comment on table staging.sources is 'of another file'"))
    build()
    ((table, count),) = rows(installation.engine, made)
    assert (table == first[0][0], count) == (False, first[0][1])
