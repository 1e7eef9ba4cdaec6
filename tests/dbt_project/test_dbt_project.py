"""The models: their unit tests hold, their promises are complete and reach the database."""

import csv
import json
import shutil

import pytest

from expectations.suites import suites_of
from footfall.pipeline import candidates, dbt, night
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.events import event
from warehouse.postgres.roles import Role
from warehouse.tables.contracts import read_marts

STAGES = ("staging", "sessions", "people", "visits", "commerce", "merged", "daily", "publication", "metrics")
"""The folders of the models: a model refers to those in its own and in the ones before."""


@pytest.fixture(scope="session")
def marts(parsed_project):
    return read_marts(parsed_project / "manifest.json")


def test_models_build_and_their_unit_tests_hold(installation, landing):
    landing.land(event("2026-11-02 09:00"))
    night.load(installation)
    candidates.begin(installation, night.next_slice(installation))
    dbt.run(installation.settings, installation.database.roles[Role.TRANSFORMER], "--warn-error", "build")


def arrows_up(nodes):
    """`model -> model` for each model that refers to one of a later stage."""
    stages = {name: STAGES.index(node["fqn"][1]) for name, node in nodes.items() if node["resource_type"] == "model"}
    return [
        f"{nodes[name]['name']} -> {nodes[other]['name']}"
        for name, stage in stages.items()
        for other in nodes[name]["depends_on"]["nodes"]
        if stages.get(other, stage) > stage
    ]


def test_arrows_between_the_folders_of_models_run_downwards_only(parsed_project):
    nodes = json.loads((parsed_project / "manifest.json").read_text())["nodes"]
    folders = {path.name for path in (PROJECT / "dbt_project" / "models").iterdir() if path.is_dir()}
    assert folders == set(STAGES)
    assert arrows_up(nodes) == []
    # Turned round, an arrow between two folders runs up.
    nodes["model.footfall.int_sessions"]["depends_on"]["nodes"].append("model.footfall.sessions")
    nodes["model.footfall.int_top_names"]["depends_on"]["nodes"].append("model.footfall.daily_stats")
    assert arrows_up(nodes) == ["int_sessions -> sessions"]


def test_every_channel_rule_has_a_case():
    cases = (PROJECT / "dbt_project/models/sessions/unit_tests_int_traffic.yml").read_text()
    with (PROJECT / "dbt_project/seeds/channel_rules.csv").open() as file:
        missing = [rule["rule_order"] for rule in csv.DictReader(file) if f"s,rule_{rule['rule_order']}," not in cases]
    assert missing == []


def test_every_mart_and_column_is_described(marts):
    for mart in marts:
        assert mart.description.startswith("One row per "), mart.name
        for column in mart.columns:
            assert column.description.endswith("."), f"{mart.name}.{column.name}"
            assert column.data_type, f"{mart.name}.{column.name}"


def test_every_mart_has_a_contract_and_a_key_that_is_never_null(parsed_project, marts):
    nodes = json.loads((parsed_project / "manifest.json").read_text())["nodes"]
    for mart in marts:
        model = nodes[f"model.footfall.{mart.name}"]
        assert model["config"]["contract"]["enforced"], mart.name
        for column in mart.primary_key:
            assert {"not_null"} <= {c["type"] for c in model["columns"][column]["constraints"]}, f"{mart.name}.{column}"


@pytest.mark.nights
def test_a_query_that_breaks_its_contract_fails_the_build(installation, landing, tmp_path, monkeypatch):
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT / "dbt_project", project)
    broken = {
        "daily_event_stats": ("cast(sum(event_count) as bigint)", "sum(event_count)"),
        "daily_page_stats": ("cast(count(*) as integer) as page_view_count", "nullif(1, 1) as page_view_count"),
        "daily_traffic": ("select * from sources_summed", "select *, 1 as another from sources_summed"),
    }
    for mart, (right, wrong) in broken.items():
        model = next((project / "models").glob(f"*/{mart}.sql"))
        assert right in model.read_text()
        model.write_text(model.read_text().replace(right, wrong))
    monkeypatch.setattr(dbt, "PROJECT_DIR", project)
    landing.land(event("2026-11-02 09:00"))
    night.load(installation)
    with pytest.raises(dbt.BuildFailed) as failed:
        candidates.build(installation, night.next_slice(installation))
    said = str(failed.value)
    assert "data type mismatch" in said
    assert 'null value in column "page_view_count" of relation "daily_page_stats"' in said
    assert "missing in contract" in said


def test_every_mart_has_a_suite_that_checks_its_key(marts):
    checked = {
        suite.mart: [check.arguments for check in suite.checks if check.name == "key_is_unique"]
        for suite in suites_of(marts)
    }
    assert checked == {mart.name: [{"column_list": list(mart.primary_key)}] for mart in marts}


def test_descriptions_are_comments_in_the_database(installation, landing, marts):
    landing.land(event("2026-11-02 09:00"))
    night.nightly(installation, say=lambda line: None)
    for mart in marts:
        (described,) = rows(
            installation.engine, "select obj_description(to_regclass(:name))", name=f"marts.{mart.name}"
        )[0]
        assert described == mart.description
        columns = rows(
            installation.engine,
            "select attname, col_description(attrelid, attnum) from pg_attribute"
            " where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped order by attnum",
            name=f"marts.{mart.name}",
        )
        assert columns == [(column.name, column.description) for column in mart.columns]


def test_a_candidate_that_names_a_row_that_does_not_exist_fails_dbts_tests(installation, landing):
    landing.land(event("2026-11-02 09:00"))
    night.load(installation)
    candidates.build(installation, night.next_slice(installation))
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update audit.page_views set session_id = 'unknown'")
    with pytest.raises(dbt.BuildFailed, match="belongs_to_page_views"):
        dbt.run(
            installation.settings,
            installation.database.roles[Role.TRANSFORMER],
            "test",
            "--select",
            "page_views,test_type:data",
        )
