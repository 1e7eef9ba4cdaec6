"""What marts name of each other is there, and the analyst may read all of it."""

import pytest
from sqlalchemy import create_engine

from footfall.pipeline import dbt
from tests.support.database import rows
from warehouse.postgres.roles import Role
from warehouse.tables.contracts import read_marts

KEYS = [
    *((mart, "sessions", "site_id, session_id") for mart in ("page_views", "conversions", "identities")),
    *((mart, "sessions", "site_id, session_id") for mart in ("commerce_events", "checkouts", "orders")),
    *((mart, "sessions", "site_id, session_id") for mart in ("payment_errors", "community_visits")),
    *((mart, "visitors", "site_id, visitor_id") for mart in ("sessions", "page_views", "identities", "conversions")),
    *((mart, "sessions", "site_id, session_id") for mart in ("events", "event_properties")),
    ("events", "page_views", "site_id, page_view_id"),
    ("event_properties", "events", "site_id, session_id, position"),
    ("daily_property_stats", "daily_event_stats", "site_id, event_date, event_name"),
    ("payment_errors", "commerce_events", "site_id, event_id"),
    ("payment_errors", "checkouts", "site_id, checkout_id"),
    ("orders", "commerce_events", "site_id, event_id"),
    ("orders", "checkouts", "site_id, checkout_id"),
    ("customer_days", "customers", "site_id, user_id"),
    ("customers", "customer_days", "site_id, user_id"),
    *((mart, "daily_stats", "site_id, event_date") for mart in ("daily_page_stats", "daily_event_stats")),
    *((mart, "daily_stats", "site_id, event_date") for mart in ("daily_traffic", "daily_devices", "daily_funnel")),
    *((mart, "daily_stats", "site_id, event_date") for mart in ("community_visits_daily", "customer_days")),
    ("daily_retention", "daily_stats", "site_id, event_date"),
    *((mart, "daily_stats", "site_id, event_date") for mart in ("daily_goals", "daily_funnels")),
    ("daily_visitor_sketches", "daily_stats", "site_id, event_date"),
]


@pytest.mark.parametrize(("child", "parent", "columns"), KEYS)
def test_rows_belong_to_rows(published, child, parent, columns):
    named = [column.strip() for column in columns.split(",")]
    matched = " and ".join(f"c.{column} = p.{column}" for column in named)
    lonely = (
        f"select count(*), count(*) filter (where not exists (select 1 from marts.{parent} p where {matched}))"
        f" from marts.{child} c where {' and '.join(f'c.{column} is not null' for column in named)}"
    )
    ((count, without),) = rows(published.engine, lonely)
    assert count, "nothing to see"
    assert without == 0


def test_the_analyst_reads_every_mart_that_was_published(published):
    engine = create_engine(published.database.roles[Role.ANALYST])
    for mart in read_marts(dbt.manifest(published.settings, published.database.roles[Role.TRANSFORMER])):
        assert rows(engine, f"select * from marts.{mart.name} limit 1"), mart.name
    engine.dispose()
