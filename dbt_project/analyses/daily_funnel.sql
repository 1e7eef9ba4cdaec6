-- How far did the sessions of each day get, and how fast?
select
    site_id,
    event_date,
    step_number,
    step,
    entered,
    completed,
    abandoned,
    reached,
    median_seconds,
    count(*) over () as total
from {{ source('published', 'daily_funnel') }}
where {{ asked_for('event_date') }}
order by event_date desc, site_id asc, step_number asc
{{ asked_page() }}
