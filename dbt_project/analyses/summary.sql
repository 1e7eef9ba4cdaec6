-- What did the last days bring? One row per site.
with

days as (

    select * from {{ source('published', 'daily_stats') }}
    where {{ asked_for('stat_date') }}

),

people as (

    -- Daily visitors do not add up: who came on two days counts once.
    select
        site_id,
        count(distinct visitor_id) as unique_visitors
    from {{ source('published', 'sessions') }}
    where not is_bot and {{ asked_for('session_date') }}
    group by site_id

)

select
    days.site_id,
    min(days.stat_date) as first_day,
    max(days.stat_date) as last_day,
    sum(days.session_count) as sessions,
    max(people.unique_visitors) as unique_visitors,
    sum(days.new_users) as new_visitors,
    sum(days.visits) as page_views,
    round(100.0 * sum(days.engaged_sessions) / sum(days.session_count), 2) as engaged_percent,
    round(1.0 * sum(days.session_seconds_total) / sum(days.session_count), 2) as avg_session_seconds,
    sum(days.total_conversations) as conversations,
    round(100.0 * sum(days.total_conversations) / sum(days.session_count), 2) as conversation_percent,
    sum(days.messages_sent) as messages_sent,
    sum(days.messages_received) as messages_received,
    sum(days.widget_loads) as widget_loads,
    sum(days.widget_opens) as widget_opens,
    sum(days.error_count) as errors
from days
left join people on days.site_id = people.site_id
group by days.site_id
order by days.site_id
