-- The newest day of each site, among its last three that are over, that a publication after its end holds. A day
-- without any event is in no slice: it is whole once something was published after its end and no mark waits for it.
with

-- Materialized: no clock is read in a timezone that is unknown.
clocks as materialized (

    select
        site_id,
        timezone
    from ops.sites
    where ops.knows_zone(timezone)

),

candidate_days as (

    select
        clocks.site_id,
        clocks.timezone,
        cast(cast(:now as timestamptz) at time zone clocks.timezone as date) - 1 as yesterday,
        cast(cast(:now as timestamptz) at time zone clocks.timezone as date) - ages.age as day
    from clocks
    cross join generate_series(1, 3) as ages (age)

),

published_after as (

    select
        days.site_id,
        days.yesterday,
        days.day,
        coalesce(
            bool_or(
                days.day between publications.first_date and publications.last_date
                and (candidates.sites is null or days.site_id = any(candidates.sites))
            ),
            false
        ) as is_held,
        exists(
            select from ops.dirty_days
            where dirty_days.site_id = days.site_id and dirty_days.event_date = days.day
        ) as is_dirty
    from candidate_days as days
    inner join ops.publications
        on publications.published_at >= (cast(days.day as timestamp) + interval '1 day') at time zone days.timezone
    inner join ops.candidates on publications.candidate_id = candidates.candidate_id
    group by days.site_id, days.yesterday, days.day

)

select
    site_id,
    max(day) as day,
    max(yesterday) as yesterday
from published_after
where is_held or not is_dirty
group by site_id
order by site_id
