"""The models on Spark, in one session: their own unit tests, their contracts, and their errors."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from footfall.pipeline import candidates, dbt, engine, night
from footfall.pipeline.installation import published_marts
from footfall.spark.columns import columns_of, schema_of
from footfall.spark.folder import files_of_a_build
from runtime.settings import BuildEngine
from tests.support.events import Landing
from tests.support.installation import with_settings
from tests.support.spark import history
from warehouse.postgres.roles import Role

pytestmark = pytest.mark.spark


class Built(NamedTuple):
    """A slice that both engines have built, in a session that is open still."""

    installation: Any
    done: engine.Ran
    spark: Any

    def dbt(self, *arguments: str) -> Any:
        """Run dbt in the session."""
        user = self.installation.database.roles[Role.TRANSFORMER]
        return dbt.run(self.installation.settings, user, *arguments, target=dbt.SPARK)


@pytest.fixture(scope="module")
def built(anew: Any) -> Iterator[Built]:
    with anew(history.ZONES) as installation:
        history.land(Landing(installation.settings.landing), history.early()[:40])
        night.load(installation)
        candidates.build(installation, night.next_slice(installation))
        here = with_settings(installation, engine=BuildEngine.SPARK, spark_url="local[2]")
        with files_of_a_build(here.settings) as files, engine.ran(here, files) as done:
            from pyspark.sql import SparkSession

            assert done.failed is None, done.failed
            yield Built(here, done, SparkSession.getActiveSession())


def test_a_mart_has_the_types_of_its_contract_and_no_relation_has_a_float(built):
    marts = {f"audit.{mart.name}" for mart in published_marts(built.installation)}
    with engine.connections(built.installation)() as connection:
        for schema, name in built.done.seconds:
            relation = f"{schema}.{name}"
            found = pq.read_schema(built.done.files(relation)[0])
            if relation in marts:
                wanted = schema_of(columns_of(connection, relation))
                assert {field.name: str(_type(field)) for field in found} == {
                    field.name: str(_type(field)) for field in wanted
                }, relation
            assert not any(pa.types.is_floating(field.type) for field in found), relation


def _type(field: pa.Field) -> pa.DataType:
    """The type of a column, or of what its lists hold."""
    return field.type.value_type if pa.types.is_list(field.type) else field.type


def test_unit_tests_hold_on_spark(built):
    done = built.dbt("test", "--select", "test_type:unit")
    assert len(done.results) > 150


def test_what_must_not_be_null_fails_the_build(built):
    built.spark.sql(
        "create or replace view intermediate.int_merged_sessions as select 's' as site_id, cast(null as date) as"
        " event_date, 'tv' as device_type, 'b' as browser, 'o' as os, 'v' as visitor_id"
    )
    with pytest.raises(dbt.BuildFailed, match='null value in column "event_date" of relation "daily_devices"'):
        built.dbt("run", "--select", "daily_devices")
    built.dbt("run", "--select", "int_merged_sessions", "daily_devices")


def test_what_cannot_be_cast_fails_the_build(built):
    with pytest.raises(dbt.BuildFailed, match="CAST_INVALID_INPUT"):
        built.dbt("show", "--inline", "select cast('a' as int) as number")
