-- One row per page view of the candidate sessions: it lasts until the next page view or the session's end.
{% set order = ['occurred_at', 'event_id'] %}

with

session_events as (

    select * from {{ ref('int_session_events') }}
    where page_view_number > 0

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

visits_measured as (

    select
        site_id,
        session_id,
        page_view_number,
        min(event_id) filter (where is_page_view) as event_id,
        min(occurred_at) as entered_at,
        max(page_path) filter (where is_page_view) as page_path,
        max(page_title) filter (where is_page_view) as page_title,
        max(page_type) filter (where is_page_view) as page_type,
        max(page_identifier) filter (where is_page_view) as page_identifier,
        count(*) filter (where is_ping) as ping_count,
        coalesce(sum(engaged_ms), 0) as pinged_ms,
        least(coalesce(max(scroll_percent), 0), 100) as scroll_depth_percent,
        coalesce(sum(click_count), 0) as click_count,
        max(
            case
                when is_page_view then least(
                    {{ milliseconds_between('occurred_at', 'coalesce(next_occurred_at, occurred_at)') }},
                    {{ var('engaged_time_cap_minutes') * 60000 }}
                )
            end
        ) as viewed_ms
    from session_events
    group by site_id, session_id, page_view_number

),

visits_ended as (

    select
        visits_measured.*,
        sessions.visitor_id,
        sessions.user_id,
        sessions.session_date,
        sessions.is_engaged,
        sessions.page_view_count,
        sessions.user_agent_id,
        sessions.ping_count as session_ping_count,
        coalesce(
            lead(visits_measured.entered_at) over (
                partition by visits_measured.site_id, visits_measured.session_id
                order by visits_measured.page_view_number
            ),
            sessions.ended_at
        ) as exited_at
    from visits_measured
    inner join sessions
        on visits_measured.site_id = sessions.site_id and visits_measured.session_id = sessions.session_id

)

select * from visits_ended
