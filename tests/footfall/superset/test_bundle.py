"""The bundle in dashboards/superset/ is what the program makes of the contracts and metrics of today."""

import io
import re
import zipfile

import pytest
import yaml
from sqlalchemy import URL

from footfall.superset.bundle import datasets
from footfall.superset.bundle.bundle import FOLDER, documents, files, metrics_of, zipped
from footfall.superset.bundle.dashboards import DASHBOARDS
from runtime.settings import PROJECT
from warehouse.tables.contracts import read_marts

COMMITTED = PROJECT / "dashboards" / "superset"


@pytest.fixture(scope="module")
def manifest(parsed_project):
    return parsed_project / "manifest.json"


@pytest.fixture(scope="module")
def bundle(manifest):
    return documents(manifest)


def of(bundle, folder):
    return {path: document for path, document in bundle.items() if path.startswith(f"{folder}/")}


def test_what_is_committed_is_what_make_dashboards_writes(manifest):
    committed = {str(path.relative_to(COMMITTED)): path.read_text() for path in COMMITTED.rglob("*") if path.is_file()}
    assert committed == files(manifest)


def test_each_mart_is_a_dataset_with_the_texts_of_its_contract(manifest, bundle):
    made = of(bundle, "datasets")
    for mart in read_marts(manifest):
        dataset = made[f"datasets/Footfall/marts.{mart.name}.yaml"]
        assert dataset["description"] == mart.description
        said = {column["column_name"]: column["description"] for column in dataset["columns"]}
        assert {name: said[name] for name in mart.column_names} == {c.name: c.description for c in mart.columns}


def test_relations_with_contacts_are_no_datasets(bundle):
    assert not [path for path in bundle if "contact" in path or "addresses" in path]


def test_only_a_metric_over_two_marts_is_left_out(manifest):
    assert metrics_of(manifest).left_out == {
        "identification_rate": "it is over conversions and sessions",
        "purchase_rate": "it is over orders and sessions",
    }


def test_every_metric_and_column_of_a_chart_is_one_of_its_dataset(bundle):
    known = {each["uuid"]: each for each in of(bundle, "datasets").values()}
    for path, chart in of(bundle, "charts").items():
        dataset, params = known[chart["dataset_uuid"]], chart["params"]
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        columns = {column["column_name"] for column in dataset["columns"]}
        used = [*params.get("metrics", []), *([params["metric"]] if "metric" in params else [])]
        assert {each for each in used if isinstance(each, str)} <= metrics, path
        named = {each["column"]["column_name"] for each in used if isinstance(each, dict)}
        named |= {*params.get("groupby", []), *params.get("all_columns", [])}
        named |= {params["x_axis"]} if "x_axis" in params else set()
        named |= {each["subject"] for each in params["adhoc_filters"] if "subject" in each}
        assert named <= columns, path


def test_each_dashboard_has_a_filter_of_sites_and_all_but_live_one_of_days(bundle):
    found = {
        path: [each["filterType"] for each in document["metadata"]["native_filter_configuration"]]
        for path, document in of(bundle, "dashboards").items()
    }
    assert found == {
        "dashboards/overview.yaml": ["filter_select", "filter_time"],
        "dashboards/acquisition.yaml": ["filter_select", "filter_time"],
        "dashboards/shop.yaml": ["filter_select", "filter_time"],
        "dashboards/live.yaml": ["filter_select"],
    }


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.name)
def test_no_row_is_wider_than_a_dashboard(dashboard):
    assert {sum(chart.width for chart in charts) for _, charts in dashboard.rows} == {12}


def test_ids_are_the_bundles_own_and_each_is_given_once(bundle):
    given = [document["uuid"] for document in bundle.values() if "uuid" in document]
    assert len(given) == len(set(given))


def test_the_zip_of_the_same_bundle_is_the_same_and_holds_all_of_it(manifest):
    texts = files(manifest)
    packed = zipped(texts)
    assert packed == zipped(texts)
    with zipfile.ZipFile(io.BytesIO(packed)) as content:
        assert {name: content.read(name).decode() for name in content.namelist()} == {
            f"{FOLDER}/{path}": text for path, text in texts.items()
        }


def test_a_connection_of_ones_own_keeps_its_parameters_and_its_password_stays_out():
    given = {"sslmode": "require", "application_name": "x"}
    url = URL.create("postgresql+psycopg", "reader", "hush", "db.example", 6432, "house", given)
    written = datasets.masked(url)
    assert written == f"postgresql+psycopg2://reader:{'X' * 10}@db.example:6432/house?sslmode=require"


def test_no_schema_but_marts_and_live_is_in_it(bundle):
    assert {each["schema"] for each in of(bundle, "datasets").values()} == set(datasets.SCHEMAS)
    for dataset in of(bundle, "datasets").values():
        assert set(re.findall(r"(?:from|join) (\w+)\.", dataset["sql"] or "")) <= set(datasets.SCHEMAS)


def test_every_file_is_yaml(manifest, bundle):
    assert {path: yaml.safe_load(text) for path, text in files(manifest).items()} == bundle
