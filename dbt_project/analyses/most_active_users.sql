-- Who used the site most, in the week by default?
select
    site_id,
    user_id,
    count(*) as active_day_count,
    sum(session_count) as session_count,
    sum(page_view_count) as page_view_count,
    sum(session_seconds_total) as session_seconds_total,
    max(last_seen_at) as last_seen_at
from {{ source('published', 'customer_days') }}
where {{ asked_for('event_date') }}
group by site_id, user_id
order by session_count desc, session_seconds_total desc, site_id asc, user_id asc
limit {{ asked('rows') }}
