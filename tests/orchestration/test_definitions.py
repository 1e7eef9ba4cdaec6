"""Dagster's view: the assets and their lineage, a night, a red night, the sensor, the alarm, pruning."""

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import psycopg
import pytest

from footfall.backup.backup import open_backup
from footfall.backup.restore import restore
from footfall.pipeline.backups import list_backups
from footfall.pipeline.night import DaysHeldBack
from footfall.privacy import requests as privacy
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.failing import failing
from tests.support.installation import contents, with_settings
from tests.support.marts.own_models import divided_by_views
from tests.support.serving.outside import send_waiting
from warehouse.access import readers
from warehouse.access.sites import add_site
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import Role
from warehouse.privacy.person import Subject

# Dagster uses deprecated parts of its own dependencies.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="session")
def definitions(parsed_project, tmp_path_factory):
    """The definitions as `workspace.yaml` loads them, on a home of their own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("FOOTFALL_HOME", str(parsed_project.parent.parent))
    patch.setenv("FOOTFALL_DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    from orchestration import definitions as module

    patch.undo()
    return module.definitions


@pytest.fixture
def dagster(definitions, installation, monkeypatch):
    """The definitions working on the test's installation."""
    from footfall.pipeline import dbt
    from orchestration import marts, resources

    monkeypatch.setattr(resources, "current_installation", lambda: installation)
    for name, value in dbt.environment(installation.settings, installation.database.roles[Role.TRANSFORMER]).items():
        monkeypatch.setenv(name, value)
    assert marts.MARTS
    return definitions


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def run(dagster, instance, day="2026-11-03"):
    job = dagster.resolve_job_def("nightly")
    return job.execute_in_process(instance=instance, partition_key=day, raise_on_error=False)


def sent(installation, webhook):
    """What the webhook was sent, all that waited included."""
    send_waiting(installation)
    return webhook.got


def report_failure(result, instance):
    """What the sensor of failed runs does."""
    from orchestration import resources
    from orchestration.alarm import failure_alarm

    failure_alarm(
        dg.build_run_status_sensor_context(
            "failure_alarm",
            dagster_event=result.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            resources={"footfall": resources.Footfall()},
        ).for_run_failure()
    )


def test_the_lineage_leads_from_landing_to_marts(definitions):
    graph = definitions.resolve_asset_graph()
    assert {key.path[0] for key in graph.get_all_asset_keys()} >= {
        "landing",
        "raw",
        "staging",
        "intermediate",
        "audit",
        "ops",
        "marts",
    }
    for mart in ("sessions", "daily_stats"):
        above = graph.get_ancestor_asset_keys(dg.AssetKey(["marts", mart]))
        assert dg.AssetKey(["landing", "segments"]) in above
        assert dg.AssetKey(["ops", "audits"]) in above


def test_dagsters_processes_load_neither_dbt_nor_the_libraries_of_checks_and_charts(definitions, parsed_project):
    heavy = "{'dbt', 'great_expectations', 'altair', 'pandas'} & {*sys.modules}"
    environment = os.environ | {
        "FOOTFALL_HOME": str(parsed_project.parent.parent),
        "FOOTFALL_DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
    }
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, orchestration.definitions; print({heavy})"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "set()"


def test_an_asset_shows_the_columns_of_its_model_and_its_query(definitions):
    spec = definitions.resolve_asset_graph().get(dg.AssetKey(["audit", "sessions"]))
    assert "started_at" in {column.name for column in spec.metadata["dagster/column_schema"].columns}
    assert "```sql" in spec.description
    assert spec.kinds == {"dbt", "postgres"}


def test_groups_are_schemas(definitions):
    graph = definitions.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        assert graph.get(key).group_name == key.path[0], key


def test_a_mart_shows_its_columns_and_its_candidate_what_its_checks_mean(definitions):
    graph = definitions.resolve_asset_graph()
    mart = graph.get(dg.AssetKey(["marts", "sessions"]))
    assert mart.description.startswith("One row per session")
    columns = {column.name: column for column in mart.metadata["dagster/column_schema"].columns}
    assert columns["event_date"].type == "date"
    assert columns["event_date"].description.startswith("The site's own calendar day")
    assert (columns["event_date"].constraints.nullable, columns["user_id"].constraints.nullable) == (False, True)
    for key in graph.get_all_asset_keys():
        if key.path[0] == "marts":
            gate = graph.get_check_spec(dg.AssetCheckKey(dg.AssetKey(["audit", key.path[1]]), "gate"))
            assert gate.blocking
            assert "* There is one row per " in gate.description


def test_days_begin_with_the_first_event(definitions, engine):
    from orchestration.partitions import first_day

    assert first_day(engine) == date(2024, 1, 1)
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.sites (site_id, timezone) values ('shop', 'UTC')")
        connection.exec_driver_sql(
            "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', '2025-05-05', 'events_loaded')"
        )
    assert first_day(engine) == date(2025, 5, 5)


def test_the_night_is_scheduled_at_two(definitions):
    schedule = definitions.resolve_schedule_def("nightly_schedule")
    assert schedule.cron_schedule == "0 2 * * *"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_a_night_asks_for_the_last_day_that_is_over_in_its_zone(definitions, instance):
    schedule = definitions.resolve_schedule_def("nightly_schedule")
    began = datetime(2026, 11, 3, 2, tzinfo=UTC)
    asked = dg.build_schedule_context(
        instance, scheduled_execution_time=began, repository_def=definitions.get_repository_def()
    )
    ticked = schedule.evaluate_tick(asked)
    assert [(each.partition_key, each.run_key) for each in ticked.run_requests] == [("2026-11-02", "2026-11-02")]


def test_the_nightly_backup_leaves_the_newest_and_starts_only_where_an_hour_is_set(
    dagster, instance, installation, monkeypatch, tmp_path
):
    """Acts: two runs that keep one; a run whose backup fails, which removes nothing. What is kept can be restored."""
    from orchestration import resources

    kept = with_settings(installation, backup_path=tmp_path / "backups", backup_keep=1)
    monkeypatch.setattr(resources, "current_installation", lambda: kept)
    job = dagster.resolve_job_def("backup")
    assert dagster.resolve_schedule_def("backup_schedule").default_status == dg.DefaultScheduleStatus.STOPPED
    assert job.execute_in_process(instance=instance).success
    assert job.execute_in_process(instance=instance).success
    (left,) = list_backups(kept.settings.backups)
    with failing("backup:copied=EIO"):
        assert not job.execute_in_process(instance=instance, raise_on_error=False).success
    assert list_backups(kept.settings.backups) == [left]
    assert restore(kept.settings, open_backup(left)) == 0


def test_a_run_publishes_the_dirty_days_up_to_its_partition(dagster, instance, installation, landing):
    landing.land(event("2026-11-02 09:00"), event("2026-11-03 09:00"), event("2026-11-04 09:00"))
    result = run(dagster, instance, "2026-11-03")
    assert result.success
    assert rows(installation.engine, "select event_date::text from marts.daily_stats order by 1") == [
        ("2026-11-02",),
        ("2026-11-03",),
    ]
    published = instance.get_latest_materialization_event(dg.AssetKey(["marts", "sessions"]))
    metadata = published.asset_materialization.metadata
    assert (metadata["dagster/row_count"].value, metadata["rows of these days"].value) == (2, 2)
    before = contents(installation)
    assert run(dagster, instance, "2026-11-03").success
    assert contents(installation) == before


def test_a_failed_check_makes_the_run_red_raises_the_alarm_and_publishes_nothing(
    dagster, instance, installation, landing, webhook, monkeypatch
):
    """Acts: a red run, its alarm."""
    from orchestration import resources

    reported = with_settings(installation, webhook_url=webhook.url)
    monkeypatch.setattr(resources, "current_installation", lambda: reported)
    landing.land(event("2026-11-02 09:00"))
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(f"revoke select on ops.landed_files from {Role.CHECKER}")
    try:
        result = run(dagster, instance)
    finally:
        with installation.engine.begin() as connection:
            connection.exec_driver_sql(f"grant select on ops.landed_files to {Role.CHECKER}")
    assert not result.success
    assert rows(installation.engine, "select count(*) from marts.sessions") == [(0,)]
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert [check.asset_key for check in failed] == [dg.AssetKey(["audit", "sessions"])]
    assert "raw_holds_what_the_ledger_loaded" in failed[0].metadata
    report_failure(result, instance)
    assert sent(reported, webhook)[-1]["title"] == "Footfall: nightly failed"
    assert result.run_id in webhook.got[-1]["text"]


@pytest.mark.nights
def test_a_check_that_fails_for_one_site_raises_the_alarm_and_all_else_is_published(
    dagster, instance, installation, webhook, monkeypatch
):
    from orchestration import night, resources
    from orchestration.partitions import UNTIL

    reported = with_settings(installation, webhook_url=webhook.url)
    monkeypatch.setattr(resources, "current_installation", lambda: reported)
    monkeypatch.setattr(night, "current_installation", lambda: reported)
    with installation.engine.begin() as connection:
        add_site(connection, "blog")
        # A ledger that claims more than raw holds of the shop.
        connection.exec_driver_sql(
            "insert into ops.landed_files (file_name, checksum, byte_count, line_count, loaded_count, duplicate_count,"
            " rejected_count, state) values ('lost', 'x', 1, 1, 1, 0, 0, 'loaded')"
        )
        connection.exec_driver_sql(
            "insert into ops.dirty_days (site_id, event_date, cause, file_id)"
            " select 'shop', '2026-11-02', 'events_loaded', file_id from ops.landed_files where file_name = 'lost'"
        )
    landing = Landing(installation.settings.landing)
    landing.land(event("2026-11-02 09:00"), event("2026-11-03 09:00"))
    landing.land(event("2026-11-02 09:00"), site="blog")
    with pytest.raises(DaysHeldBack, match="shop, 2026-11-02"):
        night.run_night(date(2026, 11, 3), instance)
    assert rows(installation.engine, "select site_id, event_date::text from marts.daily_stats order by 1, 2") == [
        ("blog", "2026-11-02"),
        ("shop", "2026-11-03"),
    ]
    assert sent(reported, webhook)[-1]["title"] == "Footfall: days of a site are held back"
    assert "shop, 2026-11-02" in webhook.got[-1]["text"]
    runs = instance.get_runs()
    assert {made.status for made in runs} == {dg.DagsterRunStatus.SUCCESS}
    assert len({made.tags[UNTIL] for made in runs}) == 1


@pytest.mark.nights
def test_a_site_that_breaks_a_model_or_a_check_raises_the_alarm_and_the_other_is_published(
    dagster, instance, installation, webhook, monkeypatch, tmp_path
):
    from orchestration import night, resources

    address = webhook.url
    reported = with_settings(installation, webhook_url=address, models_path=divided_by_views(tmp_path))
    monkeypatch.setattr(resources, "current_installation", lambda: reported)
    monkeypatch.setattr(night, "current_installation", lambda: reported)
    with installation.engine.begin() as connection:
        for site in ("blog", "wiki"):
            add_site(connection, site)
    landing = Landing(installation.settings.landing)
    for site, pages in (("blog", 7), ("shop", 2), ("wiki", 9)):
        landing.land(*(event(f"2026-11-02 09:{n:02}", event_id=f"{n}") for n in range(pages)), site=site)
    with pytest.raises(DaysHeldBack) as raised:
        night.run_night(date(2026, 11, 3), instance)
    assert "site blog, 2026-11-02 is held back: model visits_divided: cannot be built" in str(raised.value)
    assert "site wiki, 2026-11-02 is held back: visits_divided.is_divided: cannot be carried out" in str(raised.value)
    assert rows(installation.engine, "select site_id, session_count from marts.daily_stats") == [("shop", 1)]
    alarms = [
        alarm["text"] for alarm in sent(reported, webhook) if alarm["title"] == "Footfall: days of a site are held back"
    ]
    assert any("visits_divided: cannot be built" in text for text in alarms)
    assert any("visits_divided.is_divided: cannot be carried out" in text for text in alarms)
    assert {made.status for made in instance.get_runs()} == {dg.DagsterRunStatus.SUCCESS}


def test_a_date_in_doubt_stops_retention_of_the_warehouse_and_of_dagster_with_an_alarm_that_names_the_dates(
    dagster, instance, installation, webhook, monkeypatch
):
    from orchestration import resources

    reported = with_settings(installation, webhook_url=webhook.url)
    monkeypatch.setattr(resources, "current_installation", lambda: reported)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.retention_runs (run_date) values (current_date - 400)")
    ((today, last),) = rows(installation.engine, "select current_date, max(run_date) from ops.retention_runs")
    result = dagster.resolve_job_def("retention").execute_in_process(instance=instance, raise_on_error=False)
    assert {event.step_key for event in result.all_events if event.is_step_failure} == {
        "prune_warehouse",
        "prune_dagster",
    }
    report_failure(result, instance)
    assert sent(reported, webhook)[-1]["title"] == "Footfall: retention failed"
    assert f"today is {today} by the database's clock" in webhook.got[-1]["text"]
    assert f"retention last ran on {last}" in webhook.got[-1]["text"]


def test_the_sensor_loads_what_is_sealed(dagster, instance, installation, landing):
    from orchestration.landing import landing_sensor
    from orchestration.resources import Footfall

    context = dg.build_sensor_context(instance=instance, resources={"footfall": Footfall()})
    assert "no sealed segment" in landing_sensor(context).skip_message
    landing.land(event("2026-11-02 09:00"))
    (loaded,) = landing_sensor(context).asset_events
    assert loaded.metadata["loaded"].value == 1
    assert rows(installation.engine, "select count(*) from raw.events") == [(1,)]


# What it starts outlives it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_sensor_builds_the_open_day_in_a_process_of_its_own_and_one_at_a_time(
    dagster, instance, installation, monkeypatch
):
    """It asks for no run, so that it takes no slot from a night, and its tick is over at once: it holds up no load."""
    from footfall.stack.processes import today_build
    from orchestration.jobs import today_sensor
    from orchestration.resources import Footfall

    url = installation.database.administrator.render_as_string(hide_password=False)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", url)
    settings = installation.settings
    context = dg.build_sensor_context(instance=instance, resources={"footfall": Footfall()})
    began = time.monotonic()
    skipped = [today_sensor(context).skip_message for _ in range(2)]
    assert time.monotonic() - began < 5
    build = today_build(settings)
    assert skipped[0].startswith("started")
    assert skipped[1] == f"the last build still runs, pid {build.pid}"
    until = time.monotonic() + 60
    while build.pid:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert "nothing waits" in build.log.read_text()
    assert today_sensor(context).skip_message.startswith("started")
    build.stop()


def answer(dagster, instance, request):
    job = dagster.resolve_job_def("privacy")
    return job.execute_in_process(instance=instance, run_config=request.run_config, raise_on_error=False)


def test_a_request_is_answered_by_a_run_whose_history_names_no_one(dagster, instance, installation, landing):
    """Acts: no request, two requests, their runs, the history of these."""
    from orchestration.privacy import privacy_sensor
    from orchestration.resources import Footfall

    def ask():
        return list(privacy_sensor(dg.build_sensor_context(instance=instance, resources={"footfall": Footfall()})))

    landing.land(event("2026-11-02 09:00", "zq7-tablet", user_id="zq7-ann"))
    landing.land(event("2026-11-02 10:00", "zq7-tablet", user_id="zq7-bea"))
    assert ask() == []
    privacy.request(installation, "export", Subject("shop", "user", "zq7-ann"))
    privacy.request(installation, "erase", Subject("shop", "device", "zq7-tablet"))
    export, erase = ask()
    assert answer(dagster, instance, export).success
    assert not answer(dagster, instance, erase).success
    assert ask() == []
    trail = "select action, state, receipt ->> 'reason' like '2 users%' from ops.privacy_requests order by request_id"
    assert rows(installation.engine, trail) == [("export", "done", None), ("erase", "refused", True)]
    runs = instance.get_runs()
    assert len(runs) == 2
    history = [str(runs), *(str(entry) for each in runs for entry in instance.all_logs(each.run_id))]
    assert "raw.events: 1" in "".join(history)
    assert "zq7" not in "".join(history)


def test_a_run_of_the_night_purges_once_an_erasure_is_nearly_due(dagster, instance, installation, landing):
    """Acts: an erasure, the night after it, and five days later."""
    landing.land(event("2026-11-02 09:00", "zq7-phone"))
    asked = privacy.request(installation, "erase", Subject("shop", "device", "zq7-phone"))
    privacy.carry_out(installation, asked, lambda line: None)
    job = dagster.resolve_job_def("purging")
    gone = "select receipt ->> 'bytes_gone_at' is not null from ops.privacy_requests"
    assert job.execute_in_process(instance=instance).success
    assert rows(installation.engine, gone) == [(False,)]
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("update ops.erased_relations set erased_at = erased_at - interval '5 days'")
    assert job.execute_in_process(instance=instance).success
    assert rows(installation.engine, gone) == [(True,)]


@dg.op
def talkative():
    print("planted-token")


@dg.job(executor_def=dg.in_process_executor)
def talk():
    talkative()


def test_old_runs_are_deleted_with_all_they_wrote_and_young_ones_kept(tmp_path):
    from orchestration.history import delete_runs

    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        run_id = dg.execute_job(dg.reconstructable(talk), instance=instance).run_id
        before = {path for path in tmp_path.rglob("*") if run_id in str(path)}
        assert {path.suffix for path in before} >= {".db", ".out", ".err"}
        now = datetime.now(UTC)
        assert delete_runs(instance, now - timedelta(days=1)) == 0
        assert {path for path in tmp_path.rglob("*") if run_id in str(path)} == before
        assert delete_runs(instance, now + timedelta(minutes=1)) == 1
        assert instance.get_runs_count() == 0
    assert not [path for path in tmp_path.rglob("*") if run_id in str(path)]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"planted-token" in path.read_bytes()]


def test_reports_of_sensors_and_results_of_checks_are_deleted_with_their_time_and_young_ones_kept(tmp_path):
    """Dagster keeps them for ever: the first belong to no run, the others outlive their runs."""
    from orchestration.history import delete_events_of_no_run

    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(["raw", "events"]))
        instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(asset_key=dg.AssetKey(["ops", "audits"]), check_name="sessions", passed=True)
        )
        now = datetime.now(UTC)
        assert delete_events_of_no_run(tmp_path, now - timedelta(days=1)) == 0
        assert instance.get_latest_materialization_event(dg.AssetKey(["raw", "events"]))
        # The report and the result, each in two places, and the result's own row.
        assert delete_events_of_no_run(tmp_path, now + timedelta(minutes=1)) == 5
        assert not instance.fetch_materializations(dg.AssetKey(["raw", "events"]), limit=1).records


def test_the_sensor_keeps_readers_within_their_limits(dagster, instance, installation, monkeypatch):
    """Acts: a tick that finds nothing, a reader that lifted its limits for ever, a tick, and nothing again."""
    from orchestration.jobs import readers_sensor
    from orchestration.resources import Footfall

    def tick():
        context = dg.build_sensor_context(instance=instance, resources={"footfall": Footfall()})
        return readers_sensor(context).skip_message

    assert tick() == "every reader is within its limits"
    with connect(installation.database.roles[Role.ANALYST]) as reader:
        reader.execute("set default_transaction_read_only = off")
        reader.execute("alter role current_user set statement_timeout = 0")
        reader.execute("begin; select * from live.areas")
        monkeypatch.setattr(readers, "TRANSACTION_MINUTES", 0)
        said = tick()
        assert "its transaction takes longer than 0 minutes" in said
        assert f"put back the settings of {Role.ANALYST}" in said
        with pytest.raises(psycopg.OperationalError):
            reader.execute("select 1")
    assert tick() == "every reader is within its limits"
