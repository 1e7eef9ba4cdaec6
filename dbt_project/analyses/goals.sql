-- Which goals were reached, by how many of the sessions, and what are they worth?
with

sessions as (

    select
        site_id,
        sum(session_count) as session_count
    from {{ source('published', 'daily_traffic') }}
    where
        {{ asked_for('event_date') }}
        and ({{ asked('channel') }} = '' or channel = {{ asked('channel') }})
    group by site_id

),

goals as (

    select
        site_id,
        goal,
        currency,
        sum(conversion_count) as conversion_count,
        sum(session_count) as session_count,
        sum(value) as value
    from {{ source('published', 'daily_goals') }}
    where
        {{ asked_for('event_date') }}
        and ({{ asked('channel') }} = '' or channel = {{ asked('channel') }})
    group by site_id, goal, currency

)

select
    goals.site_id,
    goals.goal,
    goals.conversion_count,
    goals.session_count,
    round(100.0 * goals.session_count / sessions.session_count, 2) as session_percent,
    goals.value,
    nullif(goals.currency, '(none)') as currency
from goals
inner join sessions on goals.site_id = sessions.site_id
order by goals.session_count desc, goals.site_id asc, goals.goal asc, goals.currency asc
limit {{ asked('rows') }}
