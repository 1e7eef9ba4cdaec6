-- Do people who are signed in stay longer than others?
select
    site_id,
    is_anonymous,
    count(*) as session_count,
    round(avg(duration_seconds), 2) as avg_session_seconds,
    round(avg(page_view_count), 2) as avg_page_view_count,
    round(100.0 * count(*) filter (where is_engaged) / count(*), 2) as engaged_percent
from {{ source('published', 'sessions') }}
where not is_bot and {{ asked_for('event_date') }}
group by site_id, is_anonymous
order by site_id, is_anonymous
