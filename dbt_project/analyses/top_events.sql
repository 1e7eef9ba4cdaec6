-- Which events happen most, and in how many sessions? A session belongs to one day, so that days add up.
select
    site_id,
    event_name,
    sum(events) as events,
    sum(sessions) as sessions
from {{ source('published', 'daily_event_stats') }}
where {{ asked_for('stat_date') }}
group by site_id, event_name
order by events desc, site_id asc, event_name asc
limit {{ var('rows') }}
