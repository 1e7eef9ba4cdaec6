-- How many people came, each counted once? By `dimension`: channel, device_type or country_code.
{% set dimension = "coalesce(nullif(" ~ asked('dimension') ~ ", ''), 'all')" %}

with

days as (

    select
        site_id,
        min(event_date) as first_day,
        max(event_date) as last_day
    from {{ source('published', 'daily_stats') }}
    where {{ asked_for('event_date') }}
    group by site_id

)

select
    days.site_id,
    days.first_day,
    days.last_day,
    visitors.value,
    visitors.visitor_count,
    visitors.margin
from days,
    lateral {{ visitors_between('days.site_id', 'days.first_day', 'days.last_day', dimension) }} as visitors
order by days.site_id asc, visitors.visitor_count desc, visitors.value asc
