"""The four dashboards: which charts stand in which row. A row is as high as its charts need."""

from dataclasses import dataclass

from footfall.superset.bundle.charts import (
    Chart,
    Sum,
    by_day,
    grouped,
    listed,
    number,
    ranked,
    shares,
    stacked_by_day,
    steps,
)

LOW, HIGH = 18, 44
"""Heights of rows: of numbers, of charts."""


@dataclass(frozen=True)
class Dashboard:
    """A page of charts."""

    name: str
    title: str
    rows: tuple[tuple[int, tuple[Chart, ...]], ...]
    """Height and charts of each row."""
    has_days: bool = True
    """Whether it can be narrowed to days; what goes on now has none."""

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All of its charts."""
        return tuple(chart for _, charts in self.rows for chart in charts)


_SESSIONS = Sum("session_count", "Sessions")

OVERVIEW = Dashboard(
    "overview",
    "Footfall: overview",
    (
        (
            LOW,
            (
                number("Sessions", "marts.sessions", "sessions"),
                number("Visitors", "marts.sessions", "visitors"),
                number("Page views", "marts.sessions", "page_views"),
                number("Engagement rate", "marts.sessions", "engagement_rate"),
                number("Bounce rate", "marts.sessions", "bounce_rate"),
                number("Seconds per session", "marts.sessions", "average_session_duration"),
            ),
        ),
        (
            HIGH,
            (
                by_day("Sessions and visitors by day", "marts.sessions", ["sessions", "visitors"]),
                shares("Sessions by device", "marts.daily_devices", "device_type", _SESSIONS),
            ),
        ),
        (
            HIGH,
            (
                by_day("Sessions by day, as long as daily figures are kept", "marts.daily_stats", [_SESSIONS], width=6),
                grouped(
                    "Pages",
                    "marts.daily_page_stats",
                    ["page_path"],
                    [Sum("page_view_count", "Page views"), Sum("entry_count", "Entries"), Sum("exit_count", "Exits")],
                ),
            ),
        ),
    ),
)

ACQUISITION = Dashboard(
    "acquisition",
    "Footfall: acquisition",
    (
        (
            LOW,
            (
                number("Visitors", "marts.sessions", "visitors", 3),
                number("New visitors", "marts.sessions", "new_visitors", 3),
                number("Returning visitors", "marts.sessions", "returning_visitors", 3),
                number("Conversions", "marts.conversions", "conversions", 3),
            ),
        ),
        (
            HIGH,
            (
                stacked_by_day("Sessions by day and channel", "marts.sessions", "sessions", "channel"),
                shares("Visitors by channel", "marts.sessions", "channel", "visitors"),
            ),
        ),
        (
            HIGH,
            (
                grouped(
                    "Sources",
                    "marts.sessions",
                    ["channel", "source", "medium"],
                    ["sessions", "visitors", "new_visitors", "engagement_rate"],
                    width=8,
                ),
                ranked("Conversions by channel", "marts.conversions", "channel", "conversions"),
            ),
        ),
        (
            HIGH,
            (
                ranked("Landing pages", "marts.daily_top", "name", _SESSIONS, "list = 'landing_pages'"),
                ranked("Referrers", "marts.daily_top", "name", _SESSIONS, "list = 'referrers'"),
                grouped("Campaigns", "marts.sessions", ["campaign"], ["sessions", "bounce_rate"], width=4),
            ),
        ),
    ),
)

SHOP = Dashboard(
    "shop",
    "Footfall: shop",
    (
        (
            LOW,
            (
                number("Orders and bookings", "marts.orders", "orders", 3),
                number("Sessions with an order", "marts.orders", "sessions_with_order", 3),
                number("Payment failure rate", "marts.commerce_events", "payment_failure_rate", 3),
                number("Payment recovery rate", "marts.checkouts", "payment_recovery_rate", 3),
            ),
        ),
        (
            HIGH,
            (
                by_day("Revenue by day", "marts.orders", ["revenue"], "currency", width=7),
                grouped(
                    "Revenue",
                    "marts.orders",
                    ["currency", "order_type"],
                    ["orders", "revenue", "average_order_value"],
                    width=5,
                ),
            ),
        ),
        (
            HIGH,
            (
                steps("Funnel", "marts.daily_funnel", "step", Sum("reached", "Reached")),
                ranked("Failed payments by code", "marts.payment_errors", "error_code", "rows"),
                shares("Checkouts by status", "marts.checkouts", "status", "rows"),
            ),
        ),
        (
            HIGH,
            (
                grouped(
                    "Items in checkouts",
                    "marts.checkout_items",
                    ["item_id", "item_name", "status"],
                    ["rows", Sum("quantity", "Quantity")],
                ),
                grouped("Checkouts by payment method", "marts.checkouts", ["payment_method", "status"], ["rows"]),
            ),
        ),
    ),
)

LIVE = Dashboard(
    "live",
    "Footfall: live",
    (
        (
            LOW,
            (
                number("Active sessions", "live.active_sessions", "rows", 3),
                number("Events of the last hour", "live.arrivals", Sum("event_count", "Events"), 3),
                number("Rejected in the last hour", "live.arrivals", Sum("rejected_count", "Rejected"), 3),
                number("Failed payments of the last 24 hours", "live.payment_errors", "rows", 3),
            ),
        ),
        (
            HIGH,
            (
                grouped("Areas of the shop", "live.areas", ["area"], [Sum("visitor_count", "Visitors")], width=4),
                grouped(
                    "Pages now",
                    "live.visitors_by_page",
                    ["page_type", "page_identifier"],
                    [Sum("visitor_count", "Visitors"), Sum("signed_in_count", "Signed in")],
                    width=4,
                ),
                grouped(
                    "Communities now",
                    "live.community_visitors",
                    ["community_slug"],
                    [Sum("visitor_count", "Visitors"), Sum("signed_in_count", "Signed in")],
                    width=4,
                ),
            ),
        ),
        (
            HIGH,
            (
                listed(
                    "Sessions now",
                    "live.active_sessions",
                    ["last_seen_at", "page_path", "page_type", "duration_seconds", "device_type", "country_code"],
                    "last_seen_at",
                ),
                listed(
                    "Payments that failed",
                    "live.payment_errors",
                    ["occurred_at", "error_code", "amount", "currency", "payment_method", "is_recovered"],
                    "occurred_at",
                ),
            ),
        ),
    ),
    has_days=False,
)

DASHBOARDS = (OVERVIEW, ACQUISITION, SHOP, LIVE)
