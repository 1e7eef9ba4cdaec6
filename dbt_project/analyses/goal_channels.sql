-- From which channels do the sessions come that reach a goal?
with

sessions as (

    select
        site_id,
        channel,
        sum(session_count) as session_count
    from {{ source('published', 'daily_traffic') }}
    where {{ asked_for('event_date') }}
    group by site_id, channel

),

goals as (

    select
        site_id,
        goal,
        channel,
        currency,
        sum(conversion_count) as conversion_count,
        sum(session_count) as session_count,
        sum(value) as value
    from {{ source('published', 'daily_goals') }}
    where
        {{ asked_for('event_date') }}
        and ({{ asked('channel') }} = '' or channel = {{ asked('channel') }})
    group by site_id, goal, channel, currency

)

select
    goals.site_id,
    goals.goal,
    goals.channel,
    goals.conversion_count,
    goals.session_count,
    round(100.0 * goals.session_count / sessions.session_count, 2) as session_percent,
    goals.value,
    nullif(goals.currency, '(none)') as currency,
    count(*) over () as total
from goals
inner join sessions on goals.site_id = sessions.site_id and goals.channel = sessions.channel
order by goals.site_id asc, goals.goal asc, goals.session_count desc, goals.channel asc, goals.currency asc
{{ asked_page() }}
