-- Which ways do people take? The first five pages of each session, the most frequent ways first.
with

ways as (

    select
        site_id,
        session_id,
        is_engaged_session,
        string_agg(coalesce(page_path, '(unknown)'), ' > ' order by position) as journey
    from {{ source('published', 'page_views') }}
    where not is_bot and position <= 5 and {{ asked_for('event_date') }}
    group by site_id, session_id, is_engaged_session

)

select
    site_id,
    journey,
    count(*) as session_count,
    round(100.0 * count(*) filter (where is_engaged_session) / count(*), 2) as engaged_percent
from ways
group by site_id, journey
order by session_count desc, site_id asc, journey asc
limit {{ asked('rows') }}
