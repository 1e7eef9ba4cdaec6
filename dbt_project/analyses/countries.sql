-- From which countries do sessions come? Of the sessions that are kept.
with

sessions as (

    {{ narrowed_sessions() }}

)

select
    site_id,
    country_name as country_code,
    count(*) as session_count,
    round(100.0 * count(*) / sum(count(*)) over (partition by site_id), 2) as session_percent,
    count(distinct visitor_id) as visitor_count
from sessions
group by site_id, country_name
order by session_count desc, site_id asc, country_code asc
limit {{ asked('rows') }}
