-- Who viewed which page on which day, and for how long?
select
    site_id,
    event_date,
    page_path,
    page_view_count,
    anonymous_page_view_count,
    visitor_count,
    new_visitor_count,
    visitor_count - new_visitor_count as returning_visitor_count,
    session_count,
    engaged_session_count,
    page_view_seconds_total,
    round(1.0 * page_view_seconds_total / page_view_count, 2) as avg_seconds,
    entry_count,
    exit_count,
    bounce_count,
    count(*) over () as total
from {{ source('published', 'daily_page_stats') }}
where {{ asked_for('event_date') }}
order by event_date desc, page_view_count desc, site_id asc, page_path asc
{{ asked_page() }}
