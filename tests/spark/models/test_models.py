"""The models on Spark: PostgreSQL's rows, their own unit tests, and their contracts."""

import pytest

from tests.support.engines import relations
from tests.support.engines.session import dbt

pytestmark = pytest.mark.spark

HALVES = {"intermediate.int_event_sessions_even", "intermediate.int_event_sessions_odd"}
"""Each engine has its own hash: which half a visitor is in differs. Together they are int_event_sessions."""


def test_every_relation_has_the_same_rows_on_both_engines(built, spark):
    different, empty = {}, []
    for relation in sorted(built.models.keys() - HALVES):
        mapped = relations.mapped_columns(spark, relation)
        expected, found = relations.of_postgres(built.engine, relation, mapped), relations.of_spark(spark, relation)
        if expected != found:
            different[relation] = [*(expected - found)][:2], [*(found - expected)][:2]
        if not expected:
            empty.append(relation)
    assert different == {}
    assert empty == []


def test_a_mart_has_the_types_of_its_contract_and_no_float(built, spark):
    for relation, node in built.models.items():
        types = {field.name: field.dataType.simpleString() for field in spark.table(relation).schema}
        if node.contract.enforced:
            assert types == {name: relations.spark_type(column.data_type) for name, column in node.columns.items()}
        assert not {"float", "double"} & {*types.values()}, relation


def test_unit_tests_hold_on_spark(built, spark_target):
    done = dbt(spark_target, "test", "--select", "test_type:unit")
    assert len(done.results) > 150


def test_what_must_not_be_null_fails_the_build(built, spark, spark_target):
    merged, mart = "intermediate.int_merged_sessions", "daily_devices"
    spark.sql(
        f"create or replace view {merged} as select 's' as site_id, cast(null as date) as event_date,"
        " 'tv' as device_type, 'b' as browser, 'o' as os, 'v' as visitor_id"
    )
    with pytest.raises(AssertionError, match='null value in column "event_date" of relation "daily_devices"'):
        dbt(spark_target, "run", "--select", mart)
    dbt(spark_target, "run", "--select", merged.split(".")[1], mart)


def test_what_cannot_be_cast_fails_the_build(spark, spark_target):
    with pytest.raises(AssertionError, match="CAST_INVALID_INPUT"):
        dbt(spark_target, "show", "--inline", "select cast('a' as int) as number")
