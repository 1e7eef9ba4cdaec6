-- One row per event of a candidate session, with its session. An id may be used again on another day.
{{ config(sql_header=without_nested_loops()) }}

with

events as (

    select * from {{ ref('int_slice_events') }}

),

event_sessions as (

    select * from {{ ref('int_event_sessions') }}

),

sessions_named as (

    select
        {{ session_id(
            'events.site_id', 'events.visitor_id', 'event_sessions.started_at', 'event_sessions.first_event_id'
        ) }} as session_id,
        events.*,
        event_sessions.session_date,
        event_sessions.started_at,
        event_sessions.first_event_id,
        event_sessions.is_of_slice,
        event_sessions.position_in_session,
        event_sessions.page_view_number,
        event_sessions.start_cause,
        event_sessions.end_cause,
        event_sessions.next_occurred_at,
        event_sessions.is_late
    from events
    inner join event_sessions
        on
            events.site_id = event_sessions.site_id
            and events.event_id = event_sessions.event_id
            and events.occurred_at = event_sessions.occurred_at

)

select * from sessions_named
