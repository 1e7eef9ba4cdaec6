select
    site_id,
    split_part(split_part(page_url, '?', 1), '/', 4) as page,
    count(*) as page_view_count,
    count(*) filter (where user_id is null) as anonymous_page_view_count
from raw.events
where event_date between :first and :last and event_name = 'page_viewed'
group by site_id, page
order by page_view_count desc, site_id asc, page asc
limit 20
