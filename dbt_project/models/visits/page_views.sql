-- One row per page view.

with

visits as (

    select * from {{ ref('int_page_views') }}

),

measured_sessions as (

    select * from {{ ref('int_sessions') }}

),

sessions as (

    select * from {{ ref('sessions') }}

),

columns_named as (

    select
        visits.site_id,
        -- Neighbours in an index, as sessions are.
        left(visits.session_id, 8)
        || left(md5(visits.session_id || '|' || visits.event_id), 24) as page_view_id,
        visits.session_id,
        sessions.event_date,
        sessions.visitor_id,
        sessions.user_id,
        sessions.is_bot,
        cast(visits.page_view_number as integer) as position,
        visits.page_path,
        visits.page_title,
        visits.page_type,
        visits.page_identifier,
        visits.entered_at,
        visits.exited_at,
        {{ seconds_between('visits.entered_at', 'visits.exited_at') }} as duration_seconds,
        cast(floor(
            case when measured_sessions.ping_count > 0 then visits.pinged_ms else visits.viewed_ms end / 1000
        ) as bigint) as engaged_seconds,
        cast(visits.scroll_depth_percent as integer) as scroll_depth_percent,
        cast(visits.click_count as bigint) as click_count,
        visits.page_view_number = 1 as is_entry,
        visits.page_view_number = sessions.page_view_count as is_exit,
        sessions.is_engaged as is_engaged_session,
        sessions.is_bounce
    from visits
    inner join sessions on visits.site_id = sessions.site_id and visits.session_id = sessions.session_id
    inner join measured_sessions
        on visits.site_id = measured_sessions.site_id and visits.session_id = measured_sessions.session_id

)

select * from columns_named
