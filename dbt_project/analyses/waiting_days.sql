-- Which days does the next night build, and why?
select
    site_id,
    event_date,
    array_to_string(causes, ', ') as causes,
    marked_at
from ops.waiting_days_seen()
where {{ of_site() }}
order by event_date desc, site_id asc
limit {{ asked('rows') }}
