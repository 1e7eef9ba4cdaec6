-- Which types of device do people use?
select
    site_id,
    device_type,
    sum(session_count) as session_count
from {{ source('published', 'daily_devices') }}
where {{ asked_for('event_date') }}
group by site_id, device_type
order by session_count desc, site_id asc, device_type asc
limit {{ asked('rows') }}
