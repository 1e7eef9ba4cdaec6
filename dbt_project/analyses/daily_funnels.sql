-- How far did the visitors of each day get in the funnels of the site?
select
    site_id,
    event_date,
    funnel,
    step_number,
    step,
    entered,
    reached,
    count(*) over () as total
from {{ source('published', 'daily_funnels') }}
where {{ asked_for('event_date') }}
order by event_date desc, site_id asc, funnel asc, step_number asc
{{ asked_page() }}
