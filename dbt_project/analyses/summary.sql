-- What did the last days bring? One row per site.
with

sessions as (

    {{ narrowed_sessions() }}

),

days as (

    select
        site_id,
        event_date,
        session_count,
        session_seconds_total,
        engaged_sessions,
        visits,
        new_users,
        total_conversations,
        messages_sent,
        messages_received,
        widget_loads,
        widget_opens,
        error_count
    from {{ source('published', 'daily_stats') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    union all
    select
        site_id,
        event_date,
        count(*) as session_count,
        sum(duration_seconds) as session_seconds_total,
        count(*) filter (where is_engaged) as engaged_sessions,
        sum(page_view_count) as visits,
        count(distinct visitor_id) filter (where start_cause = 'first_visit') as new_users,
        count(*) filter (where had_conversation) as total_conversations,
        sum(messages_sent_count) as messages_sent,
        sum(messages_received_count) as messages_received,
        sum(widget_loaded_count) as widget_loads,
        sum(widget_opened_count) as widget_opens,
        sum(error_count) as error_count
    from sessions
    where {{ is_narrowed() }}
    group by site_id, event_date

),

people as (

    -- Daily visitors do not add up: a visitor who came on two days counts once.
    select
        site_id,
        count(distinct visitor_id) as visitor_count,
        count(*) as session_count
    from sessions
    group by site_id

),

sites as (

    select
        site_id,
        min(event_date) as first_day,
        max(event_date) as last_day,
        sum(session_count) as session_count
    from days
    group by site_id

),

-- Where sessions of these days are gone, sketches still know their visitors.
people_of_all_days as (

    select
        sites.site_id,
        case
            when people.session_count = sites.session_count then people.visitor_count
            else visitors.visitor_count
        end as visitor_count
    from sites
    left join people on sites.site_id = people.site_id
    left join lateral (
        select visitor_count
        from {{ visitors_between('sites.site_id', 'sites.first_day', 'sites.last_day') }}
        where people.session_count is distinct from sites.session_count
    ) as visitors on true

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
left join people_of_all_days as people on days.site_id = people.site_id
group by days.site_id
order by days.site_id
