select
    site_id,
    event_name,
    count(*) as events
from raw.events
where event_date between :first and :last
group by site_id, event_name
order by events desc, site_id asc, event_name asc
limit 20
