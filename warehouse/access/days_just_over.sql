-- Days that ended at least :after ago by a site's own clock, of which events wait that are not held back.
select distinct
    s.timezone,
    cast(cast(:now as timestamptz) at time zone s.timezone as date) - 1 as day
from ops.sites as s
inner join ops.dirty_days as d
    on
        s.site_id = d.site_id
        and cast(cast(:now as timestamptz) at time zone s.timezone as date) - 1 = d.event_date
where
    ops.knows_zone(s.timezone)
    and cast(cast(:now as timestamptz) at time zone s.timezone as time) >= cast(cast(:after as interval) as time)
    and not exists (
        select from ops.held_days as h
        where h.site_id = d.site_id and h.event_date = d.event_date
    )
order by s.timezone
