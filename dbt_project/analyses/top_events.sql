-- Which events happen most, and in how many sessions? A session belongs to one day, so that days add up.
select
    site_id,
    event_name,
    sum(event_count) as event_count,
    sum(session_count) as session_count,
    count(*) over () as total
from {{ source('published', 'daily_event_stats') }}
where {{ asked_for('event_date') }}
group by site_id, event_name
order by event_count desc, site_id asc, event_name asc
{{ asked_page() }}
