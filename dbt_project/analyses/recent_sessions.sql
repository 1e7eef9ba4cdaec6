-- The newest sessions, page by page: `page` 2 holds the next `rows`.
select
    site_id,
    session_id,
    visitor_id,
    user_id,
    started_at,
    ended_at,
    duration_seconds,
    page_view_count,
    event_count,
    is_engaged,
    landing_page,
    exit_page,
    channel,
    source,
    device_type,
    browser,
    os,
    country_code,
    city,
    messages_sent_count,
    messages_received_count,
    end_cause,
    count(*) over () as total
from {{ source('published', 'sessions') }}
where not is_bot and {{ asked_for('event_date') }}
order by started_at desc, site_id asc, session_id asc
limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
