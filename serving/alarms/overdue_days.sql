-- Days that the last night had to publish and did not: over in its zone and by the site's own clock when it began, and
-- marked before. Days that were marked later wait for the next night.
with

-- Materialized: no clock is read in a timezone that is unknown.
clocks as materialized (

    select
        site_id,
        timezone
    from ops.sites
    where site_id = any(cast(:sites as text[])) and ops.knows_zone(timezone)

),

last_night as (

    select cast(:began_at as timestamptz) as began_at

)

select
    marks.site_id,
    cast(cast(:now as timestamptz) at time zone clocks.timezone as time) as local_time,
    min(marks.marked_at) as marked_at,
    min(marks.event_date) as first_day,
    max(marks.event_date) as last_day,
    count(distinct marks.event_date) as day_count
from ops.dirty_days as marks
cross join last_night
inner join clocks on marks.site_id = clocks.site_id
where
    marks.marked_at < last_night.began_at
    and marks.event_date < cast(last_night.began_at at time zone :night_zone as date)
    and marks.event_date < cast(last_night.began_at at time zone clocks.timezone as date)
group by marks.site_id, clocks.timezone
order by marks.site_id
