-- One row per candidate session: how often each event happened in it, as JSON.

with

session_events as (

    select * from {{ ref('int_session_events') }}

),

names_counted as (

    select
        site_id,
        session_id,
        event_name,
        count(*) as event_count
    from session_events
    group by session_id, site_id, event_name

),

sessions_listed as (

    select
        site_id,
        session_id,
        {{ counts_json('event_name', 'event_count') }} as event_counts
    from names_counted
    group by session_id, site_id

)

select * from sessions_listed
