-- One row per site, day and event name that people caused.

with

sessions as (

    select * from {{ ref('int_settled_sessions') }}

),

names_read as (

    select
        sessions.site_id,
        sessions.session_date,
        sessions.session_id,
        sessions.visitor_id,
        counted.event_name,
        cast(counted.event_count as bigint) as event_count
    from sessions
    cross join lateral {{ counts_listed('sessions.event_counts') }} as counted (event_name, event_count)

),

{{ cap_steps('event_name', 'sum(event_count)', var('event_name_cap')) }},

events_summed as (

    select
        site_id,
        session_date as stat_date,
        name as event_name,
        cast(sum(event_count) as bigint) as events,
        cast(count(distinct session_id) as integer) as sessions,
        cast(count(distinct visitor_id) as integer) as visitors
    from names_capped
    group by site_id, session_date, name

)

select * from events_summed
