-- How do sessions end? By signing out, by switching users, by leaving the page, or by a timeout.
select
    site_id,
    end_cause,
    count(*) as session_count,
    round(100.0 * count(*) / sum(count(*)) over (partition by site_id), 2) as session_percent
from {{ source('published', 'sessions') }}
where not is_bot and {{ asked_for('event_date') }}
group by site_id, end_cause
order by site_id asc, session_count desc, end_cause asc
