"""Customers' totals: right for longer than the sessions are kept. What a session says about the address it came from."""

from datetime import UTC, datetime, time, timedelta

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.events import event
from tests.support.installation import contents
from warehouse.publication.slices import Slice, parse_days
from warehouse.retention.prune import prune

pytestmark = pytest.mark.nights

QUIETLY = {"say": lambda line: None}
ONE_ORDER = {"order_id": "o1", "amount": 19.9, "currency": "EUR"}
TOTALS = (
    "select session_count, active_day_count, page_view_count, order_count, revenue::text, registered_at::date::text"
    " from marts.customers where user_id = 'ann'"
)


# For longer than sessions are kept ---------------------------------------------------------------


def noon(days_ago: int) -> datetime:
    return datetime.combine(datetime.now(UTC).date() - timedelta(days=days_ago), time(12), UTC)


def test_a_customers_totals_outlive_the_sessions(installation, landing):
    """Acts: a night long ago, a prune, a night today, a rebuild of yesterday."""
    landing.land(
        event(noon(400), user_id="ann", name="user_signed_up"),
        event(noon(400), user_id="ann"),
        event(noon(400), user_id="ann", name="order_placed", properties=ONE_ORDER),
    )
    night.nightly(installation, **QUIETLY)
    prune(installation.engine, installation.settings, published_marts(installation))
    assert rows(
        installation.engine, "select (select count(*) from marts.sessions), (select count(*) from raw.events)"
    ) == [(0, 0)]
    landing.land(event(noon(1), user_id="ann"))
    night.nightly(installation, **QUIETLY)
    registered = noon(400).date().isoformat()
    assert rows(installation.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', registered)]
    yesterday = noon(1).date()
    night.rebuild(installation, Slice(yesterday, yesterday), **QUIETLY)
    assert rows(installation.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', registered)]


def test_a_late_event_corrects_a_customers_totals_once(installation, landing):
    """Acts: a night, late events that come twice, a rebuild."""
    landing.land(
        event("2026-11-02 12:00", user_id="ann", name="user_signed_up"),
        event("2026-11-03 23:50", user_id="ann"),
        event("2026-11-04 00:10", user_id="ann", name="order_placed", properties=ONE_ORDER),
    )
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, TOTALS) == [(2, 2, 1, 1, '{"EUR": 19.9}', "2026-11-02")]
    late = (
        event("2026-11-04 00:20", user_id="ann", event_id="late"),
        event("2026-11-02 12:20", user_id="ann", name="order_placed", event_id="later", properties=ONE_ORDER),
    )
    for _ in range(2):
        landing.land(*late)
        night.nightly(installation, **QUIETLY)
        assert rows(installation.engine, TOTALS) == [(2, 2, 2, 1, '{"EUR": 19.9}', "2026-11-02")]
    assert rows(installation.engine, "select event_date::text, order_count from marts.customer_days order by 1") == [
        ("2026-11-02", 1),
        ("2026-11-03", 0),
    ]
    in_steps = contents(installation)
    night.rebuild(installation, parse_days("2026-11-02..2026-11-04"), **QUIETLY)
    assert contents(installation) == in_steps


def test_a_customer_without_events_is_none(installation, landing):
    at, noon = "2026-11-02 11:00", datetime(2026, 11, 2, 12, tzinfo=UTC)
    landing.land(event(at, event_id="x", user_id="ann", received_at=noon + timedelta(hours=1)))
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select user_id from marts.customers") == [("ann",)]
    # The same event, received before: it was bob's.
    landing.land(event(at, event_id="x", user_id="bob", received_at=noon))
    night.nightly(installation, **QUIETLY)
    assert rows(installation.engine, "select user_id from marts.customers") == [("bob",)]
    assert rows(installation.engine, "select user_id from marts.customer_days") == [("bob",)]


# The address of a session ------------------------------------------------------------------------


def test_a_session_shows_the_network_for_as_long_as_the_policy_lets_it(installation, landing):
    """Acts: a night, a prune, a rebuild."""
    landing.land(event(noon(40), ip="203.0.113.7"), event(noon(20), ip="2001:db8:1:2::3"))
    night.nightly(installation, **QUIETLY)
    addresses = "select ip_masked from marts.sessions order by started_at"
    assert rows(installation.engine, addresses) == [("203.0.113.0/24",), ("2001:db8:1::/48",)]
    prune(installation.engine, installation.settings, published_marts(installation))
    assert rows(installation.engine, addresses) == [(None,), ("2001:db8:1::/48",)]
    pruned = contents(installation)
    night.rebuild(installation, Slice(noon(40).date(), noon(20).date()), **QUIETLY)
    assert contents(installation) == pruned
