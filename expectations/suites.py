"""All suites: what a candidate must pass to be published. Whether it does is decided elsewhere."""

from expectations.checks.check import Suite
from expectations.marts.commerce import CHECKOUTS, COMMERCE_EVENTS, ORDERS, PAYMENT_ERRORS
from expectations.marts.communities import COMMUNITY_VISITS, COMMUNITY_VISITS_DAILY
from expectations.marts.customers import CUSTOMER_DAYS, CUSTOMERS
from expectations.marts.daily import (
    DAILY_DEVICES,
    DAILY_EVENT_STATS,
    DAILY_FUNNEL,
    DAILY_PAGE_STATS,
    DAILY_STATS,
    DAILY_TRAFFIC,
)
from expectations.marts.page_views import PAGE_VISITS
from expectations.marts.people import CONVERSIONS, IDENTITIES, VISITORS
from expectations.marts.sessions import SESSIONS

SUITES: tuple[Suite, ...] = (
    SESSIONS,
    PAGE_VISITS,
    VISITORS,
    IDENTITIES,
    CONVERSIONS,
    COMMERCE_EVENTS,
    CHECKOUTS,
    ORDERS,
    PAYMENT_ERRORS,
    DAILY_STATS,
    DAILY_PAGE_STATS,
    DAILY_EVENT_STATS,
    DAILY_TRAFFIC,
    DAILY_DEVICES,
    DAILY_FUNNEL,
    COMMUNITY_VISITS,
    COMMUNITY_VISITS_DAILY,
    CUSTOMER_DAYS,
    CUSTOMERS,
)
