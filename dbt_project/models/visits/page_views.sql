-- One row per page view.
{% set engaged_ms -%}
case
                when measured_sessions.ping_count > 0 then page_views.pinged_ms
                else page_views.viewed_ms
            end
{%- endset %}

with

page_views as (

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
        page_views.site_id,
        -- The id begins with a time, so that page views of one day are neighbours in an index, as sessions
        -- are.
        left(page_views.session_id, 8)
        || left(md5(page_views.session_id || '|' || page_views.event_id), 24) as page_view_id,
        page_views.session_id,
        sessions.event_date,
        sessions.visitor_id,
        sessions.user_id,
        sessions.identified_at,
        -- The session's page views before that are its first ones.
        sessions.user_id is null
        or page_views.page_view_number <= coalesce(sessions.anonymous_page_view_count, 0) as is_anonymous,
        sessions.is_bot,
        cast(page_views.page_view_number as integer) as position,
        page_views.client_page_view_id,
        page_views.page_host,
        page_views.page_path,
        page_views.page_query,
        page_views.page_title,
        page_views.page_type,
        page_views.page_identifier,
        page_views.entered_at,
        page_views.exited_at,
        {{ seconds_between('page_views.entered_at', 'page_views.exited_at') }} as duration_seconds,
        cast(floor(
            {{ quotient(engaged_ms, 1000) }}
        ) as bigint) as engaged_seconds,
        cast(page_views.scroll_depth_percent as integer) as scroll_depth_percent,
        cast(page_views.click_count as bigint) as click_count,
        page_views.page_view_number = 1 as is_entry,
        page_views.page_view_number = sessions.page_view_count as is_exit,
        sessions.is_engaged as is_engaged_session,
        sessions.is_bounce
    from page_views
    inner join sessions
        on page_views.site_id = sessions.site_id and page_views.session_id = sessions.session_id
    inner join measured_sessions
        on
            page_views.site_id = measured_sessions.site_id
            and page_views.session_id = measured_sessions.session_id

)

select * from columns_named
