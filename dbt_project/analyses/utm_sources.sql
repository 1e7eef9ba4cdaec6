-- Which tags utm_source bring sessions? Of the sessions that are kept.
select
    site_id,
    utm_source,
    count(*) as session_count
from {{ source('published', 'sessions') }}
where not is_bot and utm_source is not null and {{ asked_for('event_date') }}
group by site_id, utm_source
order by session_count desc, site_id asc, utm_source asc
limit {{ asked('rows') }}
