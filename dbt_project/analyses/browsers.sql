-- Which browsers do people use?
select
    site_id,
    browser,
    sum(session_count) as session_count
from {{ source('published', 'daily_devices') }}
where {{ asked_for('event_date') }}
group by site_id, browser
order by session_count desc, site_id asc, browser asc
limit {{ asked('rows') }}
