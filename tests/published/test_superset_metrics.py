"""Each metric of Superset's bundle gives what MetricFlow gives."""

from decimal import Decimal

import pytest

from footfall.pipeline.installation import readers_manifest
from footfall.superset.bundle.bundle import documents
from tests.support.database import rows
from warehouse.postgres.roles import Role


@pytest.fixture(scope="module")
def datasets(published):
    made = documents(readers_manifest(published))
    return [document for path, document in made.items() if path.startswith("datasets/") and document["metrics"][1:]]


def test_metrics_of_the_bundle_are_those_of_metricflow(published, query, datasets):
    expected, found = {}, {}
    names = [metric["metric_name"] for dataset in datasets for metric in dataset["metrics"][1:]]
    for (site,), values in query(names, "site").items():
        expected |= {(site, name): round(float(value), 6) if value else None for name, value in values.items()}
    for dataset in datasets:
        metrics = dataset["metrics"][1:]
        origin = f"({dataset['sql']})" if dataset["sql"] else f"{dataset['schema']}.{dataset['table_name']}"
        columns = ", ".join(metric["expression"] for metric in metrics)
        read = f"select site_id, {columns} from {origin} as virtual_table group by site_id"
        for site, *values in rows(published.engine_of(Role.ANALYST), read):
            for metric, value in zip(metrics, values, strict=True):
                is_number = isinstance(value, int | float | Decimal)
                found[site, metric["metric_name"]] = round(float(value), 6) if is_number else None
    # A site without a row of the mart has no group in SQL, and a null or a nought in MetricFlow.
    assert {key: value for key, value in expected.items() if value} == {
        key: value for key, value in found.items() if value
    }
    assert {name for _, name in found} == set(names)
