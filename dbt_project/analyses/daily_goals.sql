-- How often was each goal reached, day by day?
select
    site_id,
    event_date,
    goal,
    sum(conversion_count) as conversion_count,
    sum(session_count) as session_count,
    sum(visitor_count) as visitor_count,
    sum(value) as value,
    nullif(currency, '(none)') as currency,
    count(*) over () as total
from {{ source('published', 'daily_goals') }}
where
    {{ asked_for('event_date') }}
    and ({{ asked('channel') }} = '' or channel = {{ asked('channel') }})
group by site_id, event_date, goal, currency
order by event_date desc, site_id asc, goal asc, currency asc
{{ asked_page() }}
