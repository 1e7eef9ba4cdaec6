-- Page views that came from elsewhere, by the host they came from.
select
    site_id,
    split_part(referrer, '/', 3) as referrer_host,
    count(*) as page_view_count,
    count(distinct coalesce(anonymous_id, user_id)) as visitor_count
from raw.events
where
    event_date between :first and :last
    and event_name = 'page_viewed'
    and split_part(referrer, '/', 3) is distinct from split_part(page_url, '/', 3)
group by site_id, referrer_host
order by page_view_count desc, site_id asc, referrer_host asc
limit 20
