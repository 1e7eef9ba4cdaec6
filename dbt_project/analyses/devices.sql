-- With what do people come?
select
    site_id,
    device_type,
    browser,
    os,
    sum(sessions) as sessions,
    round(100.0 * sum(sessions) / sum(sum(sessions)) over (partition by site_id), 2) as session_percent
from {{ source('published', 'daily_devices') }}
where {{ asked_for('stat_date') }}
group by site_id, device_type, browser, os
order by sessions desc, site_id asc, device_type asc, browser asc, os asc
limit {{ var('rows') }}
