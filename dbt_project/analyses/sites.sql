-- Which sites are there, and which of their days are published? One row per site that the reader sees.
with

sites as (

    select * from ops.sites_seen()
    where {{ of_site() }}

),

days as (

    select
        site_id,
        min(event_date) as first_day,
        max(event_date) as last_day,
        sum(session_count) as session_count
    from {{ source('published', 'daily_stats') }}
    where {{ of_site() }}
    group by site_id

)

select
    sites.site_id,
    sites.timezone,
    array_to_string(sites.framed_by, ' ') as framed_by,
    days.first_day,
    days.last_day,
    coalesce(days.session_count, 0) as session_count
from sites
left join days on sites.site_id = days.site_id
order by sites.site_id
