-- One row per site that the reader sees.
with

days as (

    select
        site_id,
        min(event_date) as first_day,
        max(event_date) as last_day
    from marts.daily_stats
    group by site_id

)

select
    facts.site_id,
    facts.timezone,
    facts.currency,
    days.first_day,
    days.last_day,
    facts.fresh_until
from ops.site_facts_seen() as facts
left join days on facts.site_id = days.site_id
