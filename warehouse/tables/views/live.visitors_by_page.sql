-- One row per site, page type and page identifier with a visitor now.
select
    site_id,
    page_type,
    page_identifier,
    cast(count(*) as integer) as visitor_count,
    cast(count(*) filter (where not is_anonymous) as integer) as signed_in_count,
    cast(count(*) filter (where is_anonymous) as integer) as anonymous_count,
    max(last_seen_at) as last_update_at
from live.active_sessions
where page_type is not null
group by site_id, page_type, page_identifier
