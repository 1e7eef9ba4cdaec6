-- How do the days go? One row per site and day with sessions.
select
    site_id,
    stat_date,
    session_count,
    unique_users,
    new_users,
    returning_users,
    visits as page_views,
    engaged_sessions,
    avg_session_duration_seconds,
    total_conversations,
    messages_sent,
    messages_received,
    conversion_rate as conversation_percent,
    error_count,
    is_final
from {{ source('published', 'daily_stats') }}
where {{ asked_for('stat_date') }}
order by site_id, stat_date
