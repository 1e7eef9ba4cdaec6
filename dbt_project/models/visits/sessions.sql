-- One row per session.

with

sessions as (

    select * from {{ ref('int_sessions') }}

),

traffic as (

    select * from {{ ref('int_traffic') }}

),

user_agents as (

    select * from {{ source('raw', 'user_agents') }}

),

event_counts as (

    select * from {{ ref('int_event_counts') }}

),

visitors as (

    select * from {{ ref('visitors') }}

),

columns_named as (

    select
        sessions.site_id,
        sessions.session_id,
        sessions.first_event_id,
        sessions.event_date,
        sessions.visitor_id,
        sessions.anonymous_id,
        sessions.user_id,
        sessions.identified_at,
        sessions.client_session_id,
        sessions.user_id is null as is_anonymous,
        sessions.started_at,
        sessions.ended_at,
        sessions.duration_seconds,
        sessions.local_hour,
        case
            when sessions.session_id = visitors.first_session_id then 'first_visit' else sessions.start_cause
        end as start_cause,
        sessions.end_cause,
        sessions.event_date = visitors.first_seen_date as is_new_visitor,
        cast(sessions.event_count as integer) as event_count,
        event_counts.event_counts,
        cast(sessions.page_view_count as integer) as page_view_count,
        cast(sessions.anonymous_page_view_count as integer) as anonymous_page_view_count,
        sessions.engaged_seconds,
        cast(sessions.scroll_depth_percent as integer) as scroll_depth_percent,
        cast(sessions.click_count as bigint) as click_count,
        sessions.is_engaged_by_time,
        sessions.is_engaged_by_scroll,
        sessions.is_engaged_by_clicks,
        sessions.is_engaged,
        sessions.is_engaged_ga4,
        sessions.page_view_count = 1 and not sessions.is_engaged as is_bounce,
        sessions.landing_page,
        sessions.exit_page,
        sessions.referrer,
        sessions.source_referrer_host as referrer_host,
        traffic.channel,
        traffic.source,
        traffic.medium,
        traffic.campaign,
        traffic.utm_source,
        traffic.utm_medium,
        traffic.utm_campaign,
        traffic.utm_term,
        traffic.utm_content,
        traffic.click_id,
        user_agents.device_type,
        user_agents.browser,
        user_agents.browser_version,
        user_agents.os,
        user_agents.os_version,
        sessions.language,
        sessions.screen_width,
        sessions.screen_height,
        sessions.country_code,
        sessions.city,
        sessions.ip_masked,
        coalesce(user_agents.is_bot, false) as is_bot,
        user_agents.bot_reason,
        cast(sessions.widget_loaded_count as integer) as widget_loaded_count,
        cast(sessions.widget_opened_count as integer) as widget_opened_count,
        cast(sessions.widget_minimized_count as integer) as widget_minimized_count,
        sessions.triggered_by,
        cast(sessions.messages_sent_count as integer) as messages_sent_count,
        cast(sessions.messages_received_count as integer) as messages_received_count,
        cast(sessions.response_count as integer) as response_count,
        cast(sessions.response_ms_total as bigint) as response_ms_total,
        cast(
            floor({{ quotient('sessions.response_ms_total', 'nullif(sessions.response_count, 0)') }})
            as bigint
        )
            as avg_response_time_ms,
        sessions.messages_sent_count > 0 as had_conversation,
        sessions.completed_pre_chat_form,
        cast(sessions.error_count as integer) as error_count,
        sessions.has_key_event,
        sessions.has_order,
        sessions.signed_up_at,
        sessions.signed_in_at,
        cast(sessions.review_count as integer) as review_count
    from sessions
    inner join traffic on sessions.site_id = traffic.site_id and sessions.session_id = traffic.session_id
    inner join event_counts
        on sessions.site_id = event_counts.site_id and sessions.session_id = event_counts.session_id
    inner join visitors on sessions.site_id = visitors.site_id and sessions.visitor_id = visitors.visitor_id
    -- A program that reports an order is no robot. Neither is it the device of the person.
    left join user_agents
        on
            sessions.user_agent_id = user_agents.user_agent_id
            and (sessions.is_user_agent_judged or not user_agents.is_bot)

)

select * from columns_named
