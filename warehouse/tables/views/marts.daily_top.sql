-- One row per site, day, list and name that is in it.
select
    days.site_id,
    days.event_date,
    lists.list,
    named.name,
    cast(named.session_count as int) as session_count
from marts.daily_stats as days
cross join lateral jsonb_each(
    jsonb_build_object(
        'referrers', days.top_referrers, 'landing_pages', days.top_landing_pages, 'utm_sources', days.utm_sources
    )
) as lists (list, names)
cross join lateral jsonb_each_text(lists.names) as named (name, session_count)
