"""The models mean the same on every engine: no float, no number without a precision, no order that rows could tie in."""

import json
import re

import pytest

from footfall.pipeline import dbt
from runtime.settings import PROJECT
from tests.support.spark.orders import untotal
from warehouse.postgres.roles import Role

MACROS = PROJECT / "dbt_project" / "macros"
FLOATS = {"real", "float", "float4", "float8", "double", "double precision"}
EVENT = frozenset({"occurred_at", "event_id"})
CAPPED = frozenset({"site_id", "event_date"})
KEYS = {
    "commerce_events": {"checkouts_numbered": EVENT},
    "checkouts": {"turns_found": frozenset({"site_id", "checkout_id", "position"})},
    "community_visits_daily": {"names_counted": CAPPED | {"community"}},
    "conversions": {"identities": frozenset({"site_id", "visitor_id", "from_at"})},
    # Of one kind: `filter` keeps orders apart from bookings.
    "customer_days": {"orders": frozenset({"site_id", "order_id"})},
    "customers": {
        "days": frozenset(),
        "devices_counted": frozenset({"site_id", "user_id", "kind", "name"}),
    },
    "daily_event_stats": {"names_counted": CAPPED | {"event_name"}},
    "daily_funnels": {"steps_taken": frozenset({"site_id", "session_id", "position", "funnel", "from_the_last"})},
    "daily_goals": {"conversions_found": frozenset({"site_id", "goal", "session_id", "position"})},
    "daily_page_stats": {"names_counted": CAPPED | {"path"}},
    "daily_property_stats": {"values_counted": CAPPED | {"event_name", "property", "value"}},
    "identities": {
        "sightings": frozenset({"site_id", "visitor_id", "identified_at", "started_at", "ended_at", "first_event_id"}),
        "moments_ranked": frozenset({"site_id", "visitor_id", "identified_at"}),
        "changes_kept": frozenset({"site_id", "visitor_id", "identified_at"}),
    },
    "int_border_events": {"neighbour_events": EVENT},
    "int_checkout_events": {"events": EVENT},
    "int_foreign_hosts": {"tails_numbered": frozenset({"name", "position"})},
    "int_placed_events": {"midnights_cut": EVENT},
    "int_pruned_community_visits": {"visit_events": EVENT | {"session_id"}},
    "int_runs": dict.fromkeys(("timeouts_known", "breaks_found", "stretches_found", "runs_found"), EVENT),
    "int_sessions": {"sources_seen": EVENT},
    "int_top_names": {
        "names_counted": CAPPED | {"kind", "name"},
        "names_ranked": CAPPED | {"kind", "popularity"},
    },
    "int_traffic": {
        "tails_numbered": frozenset({"name", "position"}),
        "keys_fitting": frozenset({"name", "position", "list_order", "listed_key", "source"}),
        "keys_ranked": frozenset({"name", "choice"}),
        "combinations": frozenset({"source", "medium", "campaign", "source_category", "rule_order"}),
    },
    "orders": {"order_events": EVENT},
    "payment_errors": {"events": frozenset({"site_id", "checkout_id", "position"})},
    "visitors": {"firsts_and_lasts": frozenset({"site_id", "visitor_id", "started_at", "ended_at", "first_event_id"})},
}
"""Model → step whose rows it orders → columns of which no two of its rows have the same."""


@pytest.fixture(scope="module")
def nodes(parsed_project):
    manifest = json.loads((parsed_project / "manifest.json").read_text())["nodes"]
    return [node for node in manifest.values() if node["resource_type"] == "model" and node["schema"] != "live"]


@pytest.fixture(scope="module")
def queries(anew):
    """Model → the query that PostgreSQL runs."""
    with anew({"shop": "UTC"}) as installation:
        transformer = installation.database.roles[Role.TRANSFORMER]
        parsed = dbt.parsed(installation.settings, transformer)
        models = ("--select", "resource_type:model", "--exclude", "config.schema:live")
        done = dbt.run(installation.settings, transformer, "compile", *models, parsed=parsed)
        return {each.node.name: each.node.compiled_code for each in done.results}


def test_every_order_is_total(queries):
    assert {name: found for name, query in queries.items() if (found := untotal(query, KEYS.get(name, {})))} == {}


@pytest.mark.parametrize(
    "query",
    [
        "select row_number() over (partition by a order by b) from given",
        "select first_value(c) over w from given window w as (partition by a order by b)",
        "select max(c) over (order by b rows unbounded preceding) from given",
        "select array_agg(c order by b) from given group by a",
        "select a from given order by a limit 1",
        "select distinct on (a) a, b from given order by a, b",
        "select row_number() over (order by k) from unknown",
    ],
)
def test_an_order_in_which_rows_could_tie_is_found(query):
    assert untotal(query, {"given": frozenset({"a", "k"})})


@pytest.mark.parametrize(
    "query",
    [
        "select row_number() over (partition by a order by b, k) from given",
        "select max(c) over (partition by a order by b) from given",
        "select dense_rank() over (order by b) from given",
        "select array_agg(distinct b order by b) from given",
    ],
)
def test_an_order_in_which_none_can_tie_or_it_does_not_matter_is_let_be(query):
    assert untotal(query, {"given": frozenset({"a", "k"})}) == []


def test_no_mart_holds_a_float_or_a_number_without_a_precision(nodes):
    for node in nodes:
        for column in node["columns"].values():
            kind = (column["data_type"] or "").lower().removesuffix("[]")
            assert kind not in FLOATS | {"numeric", "decimal"}, f"{node['name']}.{column['name']}"


def test_no_model_casts_to_a_float_or_to_a_number_without_a_precision(queries):
    casts = re.compile(r"\bas (numeric|decimal|real|float\w*|double)\b(?! *\()")
    assert {name: found for name, query in queries.items() if (found := casts.findall(query.lower()))} == {}


def test_a_macro_that_differs_has_a_variant_for_each_engine_and_says_what_it_is_for():
    for path in (MACROS / "portable").glob("*.sql"):
        written = path.read_text()
        assert written.startswith("{#"), path.name
        made = set(re.findall(rf"macro (\w+)__{path.stem}\(", written))
        assert made in ({"postgres", "spark"}, {"default"}), path.name


def test_models_name_no_function_of_one_engine():
    """What PostgreSQL alone has stands in macros; the names of these are in no model's own text."""
    alone = re.compile(r"::|\bdistinct on\b|jsonb|->|#>|regexp_match|string_agg|unnest|\bto_char\b|array\[|\bcollate\b")
    for path in (PROJECT / "dbt_project" / "models").rglob("*.sql"):
        written = re.sub(r"--.*", "", path.read_text())
        assert alone.findall(written) == [], path.name
