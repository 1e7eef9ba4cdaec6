-- Which events happen most, and in how many sessions? A session belongs to one day, so that days add up.
with

sessions as (

    {{ narrowed_sessions() }}

),

counted as (

    select
        site_id,
        event_name,
        sum(event_count) as event_count,
        sum(session_count) as session_count
    from {{ source('published', 'daily_event_stats') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, event_name
    union all
    select
        sessions.site_id,
        listed.event_name,
        sum(cast(listed.event_count as bigint)) as event_count,
        count(*) as session_count
    from sessions
    cross join lateral {{ counts_listed('sessions.event_counts') }} as listed (event_name, event_count)
    where {{ is_narrowed() }}
    group by sessions.site_id, listed.event_name

)

select
    site_id,
    event_name,
    event_count,
    session_count,
    count(*) over () as total
from counted
order by event_count desc, site_id asc, event_name asc
{{ asked_page() }}
