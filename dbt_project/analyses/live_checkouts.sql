-- Who is buying now, and how far did they get?
select
    site_id,
    visitor_id,
    user_id,
    last_commerce_event,
    has_payment_error,
    page_path,
    page_type,
    started_at,
    last_seen_at as last_update_at
from {{ source('live', 'active_sessions') }}
where last_commerce_event in ('checkout_started', 'payment_started', 'payment_failed') and {{ of_site() }}
order by last_seen_at desc, site_id asc, visitor_id asc
limit {{ asked('rows') }}
