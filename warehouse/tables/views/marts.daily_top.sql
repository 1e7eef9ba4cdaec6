-- One row per site, day, list and name that is in it.
select
    days.site_id,
    days.event_date,
    lists.list,
    named.name,
    named.count as session_count
from marts.daily_stats as days
cross join lateral (
    values
    ('referrers', days.top_referrers),
    ('landing_pages', days.top_landing_pages),
    ('utm_sources', days.utm_sources)
) as lists (list, names)
cross join lateral jsonb_to_recordset(lists.names) as named (name text, count int)
