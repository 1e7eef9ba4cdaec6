-- How do figures change from day to day? One row per site and day with sessions.
with

sessions as (

    {{ narrowed_sessions() }}

),

days as (

    select
        site_id,
        event_date,
        session_count,
        unique_users as visitor_count,
        new_users as new_visitor_count,
        visits as page_view_count,
        engaged_sessions as engaged_session_count,
        avg_session_duration_seconds,
        total_conversations as conversation_count,
        messages_sent as messages_sent_count,
        messages_received as messages_received_count,
        conversion_rate as conversation_percent,
        error_count,
        is_final
    from {{ source('published', 'daily_stats') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    union all
    select
        sessions.site_id,
        sessions.event_date,
        count(*) as session_count,
        count(distinct sessions.visitor_id) as visitor_count,
        count(distinct sessions.visitor_id) filter (where sessions.start_cause = 'first_visit')
            as new_visitor_count,
        sum(sessions.page_view_count) as page_view_count,
        count(*) filter (where sessions.is_engaged) as engaged_session_count,
        round(avg(sessions.duration_seconds), 2) as avg_session_duration_seconds,
        count(*) filter (where sessions.had_conversation) as conversation_count,
        sum(sessions.messages_sent_count) as messages_sent_count,
        sum(sessions.messages_received_count) as messages_received_count,
        round(100.0 * count(*) filter (where sessions.had_conversation) / count(*), 2)
            as conversation_percent,
        sum(sessions.error_count) as error_count,
        bool_and(daily_stats.is_final) as is_final
    from sessions
    inner join {{ source('published', 'daily_stats') }} as daily_stats
        on sessions.site_id = daily_stats.site_id and sessions.event_date = daily_stats.event_date
    where {{ is_narrowed() }}
    group by sessions.site_id, sessions.event_date

)

select
    site_id,
    event_date,
    session_count,
    visitor_count,
    new_visitor_count,
    visitor_count - new_visitor_count as returning_visitor_count,
    page_view_count,
    engaged_session_count,
    avg_session_duration_seconds,
    conversation_count,
    messages_sent_count,
    messages_received_count,
    messages_sent_count + messages_received_count as message_count,
    conversation_percent,
    error_count,
    is_final
from days
order by site_id, event_date
