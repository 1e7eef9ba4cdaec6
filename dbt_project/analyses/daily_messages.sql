-- How many conversations and messages were there each day, and how fast was the answer?
select
    site_id,
    event_date,
    total_conversations as conversation_count,
    messages_sent as messages_sent_count,
    messages_received as messages_received_count,
    round(avg_response_time_ms / 1000, 2) as avg_response_seconds,
    widget_loads as widget_loaded_count,
    widget_opens as widget_opened_count,
    error_count
from {{ source('published', 'daily_stats') }}
where {{ asked_for('event_date') }}
order by site_id, event_date
