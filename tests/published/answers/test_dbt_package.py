"""The dbt package in a team's own dbt project, which dbt itself installs, builds and asks for freshness."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from footfall.answers.dbt_package import PackageError, write_package
from footfall.pipeline.installation import manifest_of
from tests.support.command import footfall
from tests.support.database import rows
from warehouse.postgres.roles import Role

TEAM = "dbt_team"
PROJECT = {
    "dbt_project.yml": "name: team\nversion: '1.0'\nprofile: team\nconfig-version: 2\n",
    "packages.yml": "packages:\n  - local: ../package\n",
    "models/shop_days.sql": "select event_date, session_count from {{ source('footfall', 'daily_stats') }}"
    " where site_id = 'shop'\n",
    "profiles.yml": """
team:
  target: team
  outputs:
    team:
      type: postgres
      host: "{{ env_var('PGHOST') }}"
      port: "{{ env_var('PGPORT') | int }}"
      user: "{{ env_var('PGUSER') }}"
      password: "{{ env_var('PGPASSWORD') }}"
      dbname: "{{ env_var('PGDATABASE') }}"
      schema: team_models
      threads: 1
""",
}


@pytest.fixture(scope="module")
def installation(finished_night, tmp_path_factory):
    """The night, and a team's role with a schema of its own, as docs/dbt.md says."""
    with finished_night.beside(tmp_path_factory.mktemp("dbt") / "home") as installation:
        with installation.engine.begin() as connection:
            for statement in (
                f"create role {TEAM} login password 'of the team'",
                f"grant footfall_analyst to {TEAM}",
                f"create schema team_models authorization {TEAM}",
            ):
                connection.execute(text(statement))
        yield installation
        with installation.engine.begin() as connection:
            connection.execute(text(f"drop owned by {TEAM} cascade"))
            connection.execute(text(f"drop role {TEAM}"))


@pytest.fixture(scope="module")
def package(installation, tmp_path_factory):
    """The package, as the command writes it."""
    folder = tmp_path_factory.mktemp("own") / "package"
    url = installation.database.administrator.render_as_string(hide_password=False)
    done = footfall(installation.settings.home, "dbt-package", str(folder), FOOTFALL_DATABASE_URL=url)
    assert done.returncode == 0, done.stderr
    assert f"- local: {folder}" in done.stdout
    return folder


@pytest.fixture(scope="module")
def dbt(installation, package):
    """dbt's own command in a project beside the package."""
    project = package.parent / "team"
    for name, content in PROJECT.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    url = installation.database.administrator
    environment = {
        **{"PGHOST": url.host, "PGPORT": str(url.port), "PGUSER": TEAM, "PGPASSWORD": "of the team"},
        **{"PGDATABASE": url.database, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_COLOR": "1"},
    }

    def run(*arguments):
        program = str(Path(sys.executable).with_name("dbt"))
        return subprocess.run(
            [program, *arguments],
            cwd=project,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.target = project / "target"
    return run


def sources(package):
    found = msgspec.yaml.decode((package / "models" / "sources.yml").read_bytes())["sources"]
    return {source["name"]: {table["name"]: table for table in source["tables"]} for source in found}


def test_its_sources_are_what_the_analyst_reads_with_types_keys_and_descriptions(installation, package):
    found = sources(package)
    readable = rows(
        installation.engine_of(Role.ANALYST),
        "select table_schema, table_name from information_schema.tables where table_schema in ('marts', 'live')"
        " and table_name <> 'calendar' and has_table_privilege(format('%I.%I', table_schema, table_name), 'select')"
        " order by 1, 2",
    )
    names = {"footfall": "marts", "footfall_live": "live"}
    assert sorted((names[source], table) for source in found for table in found[source]) == readable
    sessions = found["footfall"]["sessions"]
    assert sessions["config"]["meta"]["primary_key"] == ["site_id", "session_id"]
    assert {"name": "is_engaged", "data_type": "boolean"}.items() <= next(
        column for column in sessions["columns"] if column["name"] == "is_engaged"
    ).items()
    everything = [table for tables in found.values() for table in tables.values()]
    assert [table["name"] for table in everything if not table["description"]] == []
    assert "events_payment_failed" in found["footfall"], "a declared property's view"
    assert not [name for name in found["footfall"] if name.endswith("_contacts")]


def test_a_teams_project_starts_from_it(installation, package, dbt):
    """Acts: install, parse, build a model, ask for freshness of an old night."""
    for command in (("deps",), ("parse", "--warn-error"), ("build",)):
        done = dbt(*command)
        assert done.returncode == 0, done.stdout
    days = "select event_date, session_count from {} order by 1"
    assert rows(installation.engine, days.format("team_models.shop_days")) == rows(
        installation.engine, days.format("marts.daily_stats where site_id = 'shop'")
    )
    manifest = json.loads((dbt.target / "manifest.json").read_text())
    lineage = manifest["exposures"]["exposure.footfall_marts.footfall_metrics"]["depends_on"]["nodes"]
    assert "source.footfall_marts.footfall.sessions" in lineage
    described = manifest["sources"]["source.footfall_marts.footfall.daily_stats"]
    assert described["description"].startswith("One row per site and day")
    done = dbt("source", "freshness", "--select", "source:footfall.daily_stats")
    ((fresh_until,),) = rows(installation.engine, "select max(fresh_until) from marts.sites")
    (found,) = json.loads((dbt.target / "sources.json").read_text())["results"]
    assert found["max_loaded_at"].startswith(f"{fresh_until:%Y-%m-%dT%H:%M:%S}"), done.stdout
    assert found["status"] == "error"
    assert found["criteria"]["warn_after"] == {"count": 36, "period": "hour"}


def test_it_is_written_again_over_an_earlier_one_and_over_nothing_else(installation, package, tmp_path):
    with installation.engine_of(Role.ANALYST).connect() as connection:
        before = (package / "models" / "sources.yml").read_text()
        write_package(connection, manifest_of(installation), package)
        assert (package / "models" / "sources.yml").read_text() == before
        (tmp_path / "dbt_project.yml").write_text("name: footfall\n")
        with pytest.raises(PackageError, match="holds something else"):
            write_package(connection, manifest_of(installation), tmp_path)
