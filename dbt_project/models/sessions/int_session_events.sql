-- One row per event of a candidate session, with its session. An id may be used again on another day.
{{ config(sql_header=hash_joins_only()) }}

with

events as (

    select * from {{ ref('int_slice_events') }}

),

event_sessions as (

    select * from {{ ref('int_event_sessions') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

sessions_named as (

    select
        {{ session_id(
            'events.site_id', 'events.visitor_id', 'event_sessions.started_at', 'event_sessions.first_event_id'
        ) }} as session_id,
        events.*,
        page.host as page_host,
        -- Where the site says so, a part of the query says which page it is.
        events.bare_path
        || coalesce('?' || {{ query_of_keys('events.page_query', 'site_options.path_query_keys') }}, '')
            as page_path,
        referrer.host as referrer_host,
        event_sessions.session_date,
        event_sessions.started_at,
        event_sessions.first_event_id,
        event_sessions.is_of_slice,
        event_sessions.position_in_session,
        event_sessions.page_view_number,
        event_sessions.start_cause,
        event_sessions.end_cause,
        event_sessions.next_occurred_at,
        event_sessions.is_late,
        {{ is_one_of('events.event_name', 'site_options.key_events') }} as is_key_event,
        site_options.engaged_time_cap_minutes * 60000 as engaged_time_cap_ms
    from events
    inner join event_sessions
        on
            events.site_id = event_sessions.site_id
            and events.event_id = event_sessions.event_id
            and events.occurred_at = event_sessions.occurred_at
    left join site_options on events.site_id = site_options.site_id
    left join {{ ref('int_hosts') }} as page on events.page_origin = page.origin
    left join {{ ref('int_hosts') }} as referrer on events.referrer_origin = referrer.origin

)

select * from sessions_named
