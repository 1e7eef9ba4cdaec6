"""No plan by chance: models join raw events by hash alone, whatever the planner knows."""

from sqlalchemy import text

from footfall.pipeline import candidates, dbt, night
from tests.support.events import event
from warehouse.postgres.roles import Role
from warehouse.publication.slices import parse_days


def other_joins_of_raw_events(plan, within=False):
    """The scans of raw events that stand below a nested loop or a merge join."""
    within = within or plan["Node Type"] in ("Nested Loop", "Merge Join")
    found = [plan["Relation Name"]] if within and plan.get("Schema") == "raw" and "Relation Name" in plan else []
    return found + [scan for part in plan.get("Plans", ()) for scan in other_joins_of_raw_events(part, within)]


def test_models_join_raw_events_that_were_just_loaded_by_hash_alone(installation, landing):
    landing.land(
        *(event(f"2026-11-0{day} {hour:02}:{minute:02}", f"d{hour}") for day in (2, 3, 4) for hour in range(24)
          for minute in range(0, 60, 15))
    )  # fmt: skip
    night.load(installation)
    candidates.build(installation, parse_days("2026-11-03"))
    transformer = installation.database.roles[Role.TRANSFORMER]
    parsed = dbt.parsed(installation.settings, transformer)
    compiled = dbt.run(installation.settings, transformer, "compile", parsed=parsed).results
    joined = {}
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        assert connection.scalar(text("select count(*) from pg_stats where schemaname = 'raw'")) == 0
        for node in parsed.nodes.values():
            if node.resource_type != "model" or node.config.materialized == "view" or node.schema == "live":
                continue
            query = next(each.node.compiled_code for each in compiled if each.node.unique_id == node.unique_id)
            with connection.begin_nested():
                if header := node.config.get("sql_header"):
                    connection.execute(text(header))
                (plan,) = connection.exec_driver_sql(
                    f"explain (format json, verbose) {query}".replace("%", "%%")
                ).scalar_one()
            connection.rollback()
            if found := other_joins_of_raw_events(plan["Plan"]):
                joined[node.name] = found
    assert joined == {}
