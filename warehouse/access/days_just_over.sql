-- Days that ended at least :after ago by a site's own clock, of which events wait that are not held back.
with

-- Materialized: no clock is read in a timezone that is unknown.
clocks as materialized (

    select
        site_id,
        timezone
    from ops.sites
    where ops.knows_zone(timezone)

),

now_there as (

    select
        site_id,
        timezone,
        cast(:now as timestamptz) at time zone timezone as local_time
    from clocks

)

select distinct
    n.timezone,
    d.event_date as day
from now_there as n
inner join ops.dirty_days as d on n.site_id = d.site_id and cast(n.local_time as date) - 1 = d.event_date
where
    cast(n.local_time as time) >= cast(cast(:after as interval) as time)
    and not exists (
        select from ops.held_days as h
        where h.site_id = d.site_id and h.event_date = d.event_date
    )
order by n.timezone
