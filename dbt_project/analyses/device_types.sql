-- Which types of device do people use?
with

sessions as (

    {{ narrowed_sessions() }}

),

counted as (

    select
        site_id,
        device_type,
        sum(session_count) as session_count
    from {{ source('published', 'daily_devices') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, device_type
    union all
    select
        site_id,
        device_name as device_type,
        count(*) as session_count
    from sessions
    where {{ is_narrowed() }}
    group by site_id, device_name

)

select
    site_id,
    device_type,
    session_count,
    round(100.0 * session_count / sum(session_count) over (partition by site_id), 2) as session_percent
from counted
order by session_count desc, site_id asc, device_type asc
limit {{ asked('rows') }}
