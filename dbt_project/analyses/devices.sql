-- Which devices, browsers and operating systems do people use?
select
    site_id,
    device_type,
    browser,
    os,
    sum(session_count) as session_count,
    round(100.0 * sum(session_count) / sum(sum(session_count)) over (partition by site_id), 2)
        as session_percent
from {{ source('published', 'daily_devices') }}
where {{ asked_for('event_date') }}
group by site_id, device_type, browser, os
order by session_count desc, site_id asc, device_type asc, browser asc, os asc
limit {{ asked('rows') }}
