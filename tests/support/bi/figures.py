"""What each chart must show, in SQL on the marts, written without a look at the metrics.

`:sites` and the days `:first` to `:last` are what the dashboard's filters chose.
"""

_AT = "site_id = any(:sites) and event_date between :first and :last"
_PEOPLE = f"from marts.sessions where not is_bot and {_AT}"
_ORDERS = f"from marts.orders where not is_bot and {_AT}"
_NEW = "count(distinct (site_id, visitor_id)) filter (where start_cause = 'first_visit')"
_VISITORS = "count(distinct (site_id, visitor_id))"
_CONVERSIONS = (
    "from marts.conversions c left join marts.sessions s using (site_id, session_id)"
    " where s.is_bot is not true and c.site_id = any(:sites) and c.event_date between :first and :last"
)
_ONE_CURRENCY = "case when count(distinct currency) = 1 then sum(amount) end"
_MEAN = "case when count(distinct currency) = 1 then sum(amount) / nullif(count(amount), 0) end"
_NOW = "site_id = any(:sites)"


def _top(listed: str) -> str:
    return f"select name, sum(session_count) from marts.daily_top where list = '{listed}' and {_AT} group by 1"


FIGURES = {
    "overview": {
        "Sessions": f"select count(*) {_PEOPLE}",
        "Visitors": f"select {_VISITORS} {_PEOPLE}",
        "Page views": f"select sum(page_view_count) {_PEOPLE}",
        "Engagement rate": f"select avg(is_engaged::int) {_PEOPLE}",
        "Bounce rate": f"select avg(is_bounce::int) {_PEOPLE}",
        "Seconds per session": f"select avg(duration_seconds) {_PEOPLE}",
        "Sessions and visitors by day": f"select event_date, count(*), {_VISITORS} {_PEOPLE} group by 1",
        "Sessions by device": f"select device_type, sum(session_count) from marts.daily_devices where {_AT} group by 1",
        "Sessions by day, as long as daily figures are kept": (
            f"select event_date, sum(session_count) from marts.daily_stats where {_AT} group by 1"
        ),
        "Pages": (
            "select page_path, sum(page_view_count), sum(entry_count), sum(exit_count)"
            f" from marts.daily_page_stats where {_AT} group by 1"
        ),
    },
    "acquisition": {
        "Visitors": f"select {_VISITORS} {_PEOPLE}",
        "New visitors": f"select {_NEW} {_PEOPLE}",
        "Returning visitors": f"select {_VISITORS} - {_NEW} {_PEOPLE}",
        "Conversions": f"select count(*) {_CONVERSIONS}",
        "Sessions by day and channel": f"select event_date, channel, count(*) {_PEOPLE} group by 1, 2",
        "Visitors by channel": f"select channel, {_VISITORS} {_PEOPLE} group by 1",
        "Sources": (
            f"select channel, source, medium, count(*), {_VISITORS}, {_NEW}, avg(is_engaged::int) {_PEOPLE}"
            " group by 1, 2, 3"
        ),
        "Conversions by channel": f"select c.channel, count(*) {_CONVERSIONS} group by 1",
        "Landing pages": _top("landing_pages"),
        "Referrers": _top("referrers"),
        "Campaigns": f"select campaign, count(*), avg(is_bounce::int) {_PEOPLE} group by 1",
    },
    "shop": {
        "Orders and bookings": f"select count(*) {_ORDERS}",
        "Sessions with an order": f"select count(distinct (site_id, session_id)) {_ORDERS}",
        "Payment failure rate": (
            "select avg((event_name = 'payment_failed')::int) from marts.commerce_events"
            f" where event_name in ('payment_failed', 'payment_succeeded') and not is_bot and {_AT}"
        ),
        "Payment recovery rate": (
            f"select avg(is_recovered::int) from marts.checkouts where error_count > 0 and not is_bot and {_AT}"
        ),
        "Revenue by day": f"select event_date, currency, {_ONE_CURRENCY} {_ORDERS} group by 1, 2",
        "Revenue": (f"select currency, order_type, count(*), {_ONE_CURRENCY}, {_MEAN} {_ORDERS} group by 1, 2"),
        "Funnel": f"select step, sum(reached) from marts.daily_funnel where {_AT} group by 1",
        "Failed payments by code": f"select error_code, count(*) from marts.payment_errors where {_AT} group by 1",
        "Checkouts by status": f"select status, count(*) from marts.checkouts where {_AT} group by 1",
        "Items in checkouts": (
            "select item_id, item_name, status, count(*), sum(quantity) from marts.checkout_items"
            f" where {_AT} group by 1, 2, 3"
        ),
        "Checkouts by payment method": (
            f"select payment_method, status, count(*) from marts.checkouts where {_AT} group by 1, 2"
        ),
    },
    "live": {
        "Active sessions": f"select count(*) from live.active_sessions where {_NOW}",
        "Events of the last hour": f"select sum(event_count) from live.arrivals where {_NOW}",
        "Rejected in the last hour": f"select sum(rejected_count) from live.arrivals where {_NOW}",
        "Failed payments of the last 24 hours": f"select count(*) from live.payment_errors where {_NOW}",
        "Areas of the shop": f"select area, sum(visitor_count) from live.areas where {_NOW} group by 1",
        "Pages now": (
            "select page_type, page_identifier, sum(visitor_count), sum(signed_in_count) from live.visitors_by_page"
            f" where {_NOW} group by 1, 2"
        ),
        "Communities now": (
            "select community_slug, sum(visitor_count), sum(signed_in_count) from live.community_visitors"
            f" where {_NOW} group by 1"
        ),
        "Sessions now": (
            "select last_seen_at, page_path, page_type, duration_seconds, device_type, country_code"
            f" from live.active_sessions where {_NOW}"
        ),
        "Payments that failed": (
            "select occurred_at, error_code, amount, currency, payment_method, is_recovered"
            f" from live.payment_errors where {_NOW}"
        ),
    },
}
"""Dashboard → title of a chart → its figures."""
