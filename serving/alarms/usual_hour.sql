-- How many sessions sites usually start in the hour that ends now by their own clock: the median of the same weekday of
-- eight weeks. A week without a session counts as 0, so that a site must be at least four weeks old.
with

-- Materialized: no clock is read in a timezone that is unknown.
clocks as materialized (

    select
        site_id,
        timezone
    from ops.sites
    where site_id = any(cast(:sites as text[])) and ops.knows_zone(timezone)

),

hours as (

    select
        clocks.site_id,
        clocks.timezone,
        (cast(:now as timestamptz) at time zone clocks.timezone) - weeks.week * interval '7 days' as local_end
    from clocks
    cross join generate_series(1, 8) as weeks (week)

),

sessions_counted as (

    select
        hours.site_id,
        hours.timezone,
        counted.session_count
    from hours
    cross join
        lateral (
            select count(*) as session_count
            from marts.sessions
            where
                sessions.site_id = hours.site_id
                and sessions.event_date between cast(hours.local_end as date) - 1 and cast(hours.local_end as date)
                and sessions.started_at >= (hours.local_end - interval '1 hour') at time zone hours.timezone
                and sessions.started_at < hours.local_end at time zone hours.timezone
                and not sessions.is_bot
        ) as counted

)

select
    site_id,
    percentile_disc(0.5) within group (order by session_count) as usual,
    to_char(cast(:now as timestamptz) at time zone timezone, 'Day') as weekday,
    cast(cast(:now as timestamptz) at time zone timezone as time) as local_time
from sessions_counted
group by site_id, timezone
order by site_id
