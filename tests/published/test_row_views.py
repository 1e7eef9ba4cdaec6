"""What daily_stats holds as JSON, views give as rows, all of it."""

from tests.support.database import rows


def test_lists_of_a_day_are_rows_with_the_same_names_and_counts(published):
    found = rows(published.engine, "select site_id, event_date, list, name, session_count from marts.daily_top")
    listed = [
        (site, day, kind, each["name"], each["count"])
        for site, day, *lists in rows(
            published.engine,
            "select site_id, event_date, top_referrers, top_landing_pages, utm_sources from marts.daily_stats",
        )
        for kind, names in zip(("referrers", "landing_pages", "utm_sources"), lists, strict=True)
        for each in names or []
    ]
    assert {kind for _, _, kind, _, _ in listed} == {"referrers", "landing_pages", "utm_sources"}
    assert sorted(found) == sorted(listed)


def test_revenue_of_a_day_is_a_row_for_each_currency(published):
    found = rows(published.engine, "select site_id, event_date, currency, amount from marts.daily_revenue")
    held = [
        (site, day, currency, amount)
        for site, day, revenue in rows(published.engine, "select site_id, event_date, revenue from marts.daily_stats")
        for currency, amount in (revenue or {}).items()
    ]
    assert {currency for _, _, currency, _ in held} == {"EUR", "USD"}
    assert [(*key, float(amount)) for *key, amount in sorted(found)] == [
        (*key, float(amount)) for *key, amount in sorted(held)
    ]
