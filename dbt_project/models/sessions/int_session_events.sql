-- One row per event of a candidate session, with its session. An id may be used again on another day.

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
        events.site_id,
        events.visitor_id,
        event_sessions.session_date,
        event_sessions.started_at,
        event_sessions.first_event_id,
        event_sessions.is_of_slice,
        event_sessions.position_in_session,
        event_sessions.page_view_number,
        event_sessions.start_cause,
        event_sessions.end_cause,
        events.event_date,
        events.occurred_at,
        event_sessions.next_occurred_at,
        events.event_id,
        events.event_name,
        events.event_category,
        events.anonymous_id,
        events.user_id,
        events.client_session_id,
        events.page_host,
        events.page_path,
        events.page_query,
        events.page_title,
        events.page_type,
        events.page_identifier,
        events.referrer,
        events.referrer_host,
        events.screen_width,
        events.screen_height,
        events.user_agent_id,
        events.ip_masked,
        events.country_code,
        events.city,
        events.is_page_view,
        events.is_ping,
        event_sessions.is_identified,
        events.engaged_ms,
        events.scroll_percent,
        events.click_count,
        events.response_ms,
        events.triggered_by,
        events.properties,
        events.contact_hash
    from events
    inner join event_sessions
        on
            events.site_id = event_sessions.site_id
            and events.event_id = event_sessions.event_id
            and events.occurred_at = event_sessions.occurred_at

)

select * from sessions_named
