-- One row per site: what came in the last hour, and how many of its days wait for the night or are held back.
with

waiting as (

    select
        site_id,
        count(*) as day_count
    from ops.waiting_days_seen()
    group by site_id

),

held as (

    select
        site_id,
        count(distinct event_date) as day_count
    from ops.held_days_seen()
    group by site_id

)

select
    arrivals.site_id,
    arrivals.last_event_at,
    arrivals.event_count,
    arrivals.rejected_count,
    coalesce(waiting.day_count, 0) as waiting,
    coalesce(held.day_count, 0) as held
from live.arrivals as arrivals
left join waiting on arrivals.site_id = waiting.site_id
left join held on arrivals.site_id = held.site_id
order by arrivals.site_id
