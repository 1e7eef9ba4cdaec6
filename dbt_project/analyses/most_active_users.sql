-- Who used the site most, in the week by default?
select
    site_id,
    user_id,
    count(*) as active_days,
    sum(sessions) as sessions,
    sum(page_views) as page_views,
    sum(seconds_total) as seconds_total,
    max(last_seen_at) as last_seen_at
from {{ source('published', 'customer_days') }}
where {{ asked_for('stat_date') }}
group by site_id, user_id
order by sessions desc, seconds_total desc, site_id asc, user_id asc
limit {{ var('rows') }}
