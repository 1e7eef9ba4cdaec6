-- Published days that were built from more raw events than are loaded now, or from as many different ones.
--
-- Events loaded after the publication are left out. Each later mark `earlier_copy` stands for one event of the day that
-- moved to a neighbouring day.
with

loaded as (

    select
        e.event_date,
        count(*) as found,
        {fingerprint} as fingerprint
    from raw.events as e
    where
        e.event_date between :first and :last
        and e.event_date in (select p.event_date from ops.published_days as p)
        and not exists (
            select
            from ops.dirty_days as m
            where
                m.file_id = e.file_id and m.site_id = e.site_id and m.event_date = e.event_date
                and m.cause = 'events_loaded'
        )
    group by e.event_date

),

moved as (

    select
        event_date,
        count(*) as moved
    from ops.dirty_days
    where cause = 'earlier_copy'
    group by event_date

)

select
    p.event_date,
    p.raw_events,
    coalesce(loaded.found, 0) as found
from ops.published_days as p
left join loaded on p.event_date = loaded.event_date
left join moved on p.event_date = moved.event_date
where
    p.event_date between :first and :last
    and (
        coalesce(loaded.found, 0) + coalesce(moved.moved, 0) < p.raw_events
        or (loaded.found = p.raw_events and moved.moved is null and loaded.fingerprint <> p.raw_fingerprint)
    )
    and p.event_date not in (select f.event_date from ops.frozen_days as f)
order by p.event_date
