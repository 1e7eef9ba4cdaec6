-- What did the last days bring? One row per site.
with

days as (

    select * from {{ source('published', 'daily_stats') }}
    where {{ asked_for('event_date') }}

),

people as (

    -- Daily visitors do not add up: a visitor who came on two days counts once.
    select
        site_id,
        count(distinct visitor_id) as visitor_count
    from {{ source('published', 'sessions') }}
    where not is_bot and {{ asked_for('event_date') }}
    group by site_id

)

select
    days.site_id,
    min(days.event_date) as first_day,
    max(days.event_date) as last_day,
    sum(days.session_count) as session_count,
    max(people.visitor_count) as visitor_count,
    sum(days.new_users) as new_visitor_count,
    sum(days.visits) as page_view_count,
    round(100.0 * sum(days.engaged_sessions) / sum(days.session_count), 2) as engaged_percent,
    round(1.0 * sum(days.session_seconds_total) / sum(days.session_count), 2) as avg_session_seconds,
    sum(days.total_conversations) as conversation_count,
    round(100.0 * sum(days.total_conversations) / sum(days.session_count), 2) as conversation_percent,
    sum(days.messages_sent) as messages_sent_count,
    sum(days.messages_received) as messages_received_count,
    sum(days.widget_loads) as widget_loaded_count,
    sum(days.widget_opens) as widget_opened_count,
    sum(days.error_count) as error_count
from days
left join people on days.site_id = people.site_id
group by days.site_id
order by days.site_id
