-- Which operating systems do people use?
select
    site_id,
    os,
    sum(session_count) as session_count
from {{ source('published', 'daily_devices') }}
where {{ asked_for('event_date') }}
group by site_id, os
order by session_count desc, site_id asc, os asc
limit {{ asked('rows') }}
