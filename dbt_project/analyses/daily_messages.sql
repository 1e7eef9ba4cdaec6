-- How many conversations and messages were there each day, and how fast was the answer?
with

sessions as (

    {{ narrowed_sessions() }}

)

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
where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
union all
select
    site_id,
    event_date,
    count(*) filter (where had_conversation) as conversation_count,
    sum(messages_sent_count) as messages_sent_count,
    sum(messages_received_count) as messages_received_count,
    round(0.001 * sum(response_ms_total) / nullif(sum(response_count), 0), 2) as avg_response_seconds,
    sum(widget_loaded_count) as widget_loaded_count,
    sum(widget_opened_count) as widget_opened_count,
    sum(error_count) as error_count
from sessions
where {{ is_narrowed() }}
group by site_id, event_date
order by site_id, event_date
