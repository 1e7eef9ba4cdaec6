select
    site_id,
    event_name,
    count(*) as event_count
from raw.events
where event_date between :first and :last
group by site_id, event_name
order by event_count desc, site_id asc, event_name asc
limit 20
