-- One row per site, day, list and name that is in it.
with

days as (

    select
        site_id,
        event_date,
        jsonb_strip_nulls(jsonb_build_object(
            'referrers', top_referrers, 'landing_pages', top_landing_pages, 'utm_sources', utm_sources
        )) as lists
    from marts.daily_stats

)

select
    days.site_id,
    days.event_date,
    listed.list,
    named.name,
    named.count as session_count
from days
cross join lateral jsonb_each(days.lists) as listed (list, names)
cross join lateral jsonb_to_recordset(listed.names) as named (name text, count int)
