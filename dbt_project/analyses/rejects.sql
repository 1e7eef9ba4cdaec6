-- How many events were rejected, by the day of their receipt, and for which reason?
select
    site_id,
    event_date,
    reason,
    field,
    reject_count
from ops.rejects_seen()
where {{ of_site() }}
order by event_date desc, reject_count desc, site_id asc, reason asc, field asc
limit {{ asked('rows') }}
