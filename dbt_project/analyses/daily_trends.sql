-- How do figures change from day to day? One row per site and day with sessions.
select
    site_id,
    event_date,
    session_count,
    unique_users as visitor_count,
    new_users as new_visitor_count,
    returning_users as returning_visitor_count,
    visits as page_view_count,
    engaged_sessions as engaged_session_count,
    avg_session_duration_seconds,
    total_conversations as conversation_count,
    messages_sent as messages_sent_count,
    messages_received as messages_received_count,
    messages_sent + messages_received as message_count,
    conversion_rate as conversation_percent,
    error_count,
    is_final
from {{ source('published', 'daily_stats') }}
where {{ asked_for('event_date') }}
order by site_id, event_date
