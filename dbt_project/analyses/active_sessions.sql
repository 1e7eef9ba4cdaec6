-- Who is here now, on which page? Within seconds of landing.
select
    site_id,
    visitor_id,
    user_id,
    started_at,
    last_seen_at,
    page_view_count,
    page_path,
    page_type,
    page_identifier,
    landing_page,
    device_type,
    count(*) over () as total
from {{ source('live', 'active_sessions') }}
where {{ of_site() }}
order by last_seen_at desc, site_id asc, visitor_id asc
{{ asked_page() }}
