-- One row per site, day and currency with revenue.
select
    days.site_id,
    days.event_date,
    sums.currency,
    cast(sums.amount as numeric) as amount
from marts.daily_stats as days
cross join lateral jsonb_each_text(days.revenue) as sums (currency, amount)
