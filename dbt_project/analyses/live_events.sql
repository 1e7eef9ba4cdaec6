-- What happens now? The newest events of the last 30 minutes.
select
    site_id,
    event_id,
    occurred_at,
    event_name,
    event_category,
    visitor_id,
    user_id,
    page_path,
    page_type,
    page_identifier,
    device_type
from {{ source('live', 'events') }}
where {{ of_site() }}
order by occurred_at desc, site_id asc, event_id asc
limit {{ asked('rows') }}
