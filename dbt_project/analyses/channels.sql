-- Which channels bring sessions, and how many of these are engaged?
with

sessions as (

    {{ narrowed_sessions() }}

),

counted as (

    select
        site_id,
        channel,
        sum(session_count) as session_count,
        sum(new_visitor_count) as new_visitor_count,
        sum(engaged_session_count) as engaged_session_count
    from {{ source('published', 'daily_traffic') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, channel
    union all
    select
        site_id,
        channel_name as channel,
        count(*) as session_count,
        count(*) filter (where start_cause = 'first_visit') as new_visitor_count,
        count(*) filter (where is_engaged) as engaged_session_count
    from sessions
    where {{ is_narrowed() }}
    group by site_id, channel_name

)

select
    site_id,
    channel,
    session_count,
    round(100.0 * session_count / sum(session_count) over (partition by site_id), 2) as session_percent,
    new_visitor_count,
    engaged_session_count,
    round(100.0 * engaged_session_count / session_count, 2) as engaged_percent
from counted
order by session_count desc, site_id asc, channel asc
limit {{ asked('rows') }}
