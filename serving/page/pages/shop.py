"""What is sold and what is not: the way to a purchase, checkouts that are given up, payments that fail, revenue."""

from collections import defaultdict
from decimal import Decimal

from serving.charts.chart import Chart
from serving.charts.days import days
from serving.page.card import Answered, Card, Column, Page, bars_of
from serving.page.words import Kind

_MONEY = (Column("amount", "Amount", Kind.MONEY), Column("currency", "Currency", Kind.TEXT))
_NO_SALES = "Nothing was sold on these days. Choose other days, or send `order_completed` with `amount` and `currency`."


def _revenue(answered: Answered) -> Chart:
    """Draw the currency in which most was sold: money of two currencies is never added up."""
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for row in answered.rows:
        sold[row["currency"]] += row["revenue"] or 0
    most = max(sold, key=lambda currency: sold[currency])
    found = {row["event_date"]: row["revenue"] for row in answered.rows if row["currency"] == most}
    rows = [
        {
            "day": day.isoformat(),
            "value": float(found.get(day) or 0),
            "link": answered.view.address(first=day, last=day),
        }
        for day in answered.view.dates
    ]
    return days(rows, f"revenue in {most or 'no currency'}")


PAGE = Page(
    "shop",
    "Shop",
    "What is sold, where checkouts are given up, and which payments fail.",
    cards=(
        Card(
            "revenue",
            "Revenue by day",
            "revenue",
            (
                Column("event_date", "Day", Kind.DAY, filters="day"),
                Column("currency", "Currency", Kind.TEXT, means="orders.currency"),
                Column("revenue", "Revenue", Kind.MONEY, means="orders.amount"),
                Column("order_count", "Orders"),
                Column("booking_count", "Bookings"),
            ),
            _revenue,
            is_wide=True,
            empty=_NO_SALES,
            note="The chart shows the currency in which most was sold, the table all of them.",
        ),
        Card(
            "funnel",
            "Funnel",
            "funnel",
            (
                Column("step", "Step", Kind.TEXT, means="daily_funnel.step"),
                Column("entered", "Sessions", means="daily_funnel.entered"),
                Column("of_visits_percent", "Of all", Kind.PERCENT),
                Column("completed", "Went on", means="daily_funnel.completed"),
                Column("abandoned", "Left", means="daily_funnel.abandoned"),
                Column("completed_percent", "Went on", Kind.PERCENT),
                Column("reached", "Got here or further", means="daily_funnel.reached"),
            ),
            bars_of("step", "entered", "step", "sessions", "of_visits_percent"),
            note="A session enters each step that it reaches. One that begins at an offer enters no earlier step,"
            " and yet it got further.",
        ),
        Card(
            "abandoned",
            "Checkouts without a purchase",
            "abandoned_checkouts",
            (
                Column("status", "Became", Kind.TEXT, means="checkouts.status"),
                Column("abandoned_step", "Left at", Kind.TEXT, means="checkouts.abandoned_step"),
                Column("checkout_count", "Checkouts"),
                *_MONEY,
            ),
            bars_of("status abandoned_step currency", "checkout_count", "what became of it", "checkouts"),
            empty="None: no checkout of these days ended without a purchase.",
        ),
        Card(
            "recovery",
            "Payment errors and retries",
            "payment_recovery",
            (
                Column("error_code", "Code", Kind.TEXT, means="payment_errors.error_code"),
                Column("payment_method", "Method", Kind.TEXT),
                Column("error_count", "Errors"),
                Column("retried_count", "Tried again", means="payment_errors.is_retried"),
                Column("recovered_count", "Paid then", means="payment_errors.is_recovered"),
                Column("recovered_percent", "Paid then", Kind.PERCENT),
            ),
            bars_of("error_code payment_method", "error_count", "error", "errors"),
            empty="None: no payment failed on these days.",
        ),
        Card(
            "checkouts",
            "Newest checkouts",
            "checkouts",
            (
                Column("started_at", "Began", Kind.MOMENT),
                Column("status", "Became", Kind.TEXT, means="checkouts.status"),
                Column("abandoned_step", "Left at", Kind.TEXT),
                *_MONEY,
                Column("error_count", "Errors"),
                Column("retry_count", "Retries", means="checkouts.retry_count"),
                Column("seconds_to_success", "Until paid", Kind.SECONDS, means="checkouts.seconds_to_success"),
                Column("last_error_message", "Last error", Kind.TEXT),
            ),
            given={"rows": 50},
            is_wide=True,
            empty="No checkout began on these days.",
        ),
        Card(
            "payment_errors",
            "Newest payment errors",
            "payment_errors",
            (
                Column("occurred_at", "When", Kind.MOMENT),
                Column("error_code", "Code", Kind.TEXT),
                Column("error_message", "Message", Kind.TEXT),
                *_MONEY,
                Column("attempt_number", "Attempt", means="payment_errors.attempt_number"),
                Column("is_retried", "Tried again", Kind.YES_NO),
                Column("is_recovered", "Paid then", Kind.YES_NO),
            ),
            given={"rows": 50},
            is_wide=True,
            empty="None: no payment failed on these days.",
        ),
    ),
)
