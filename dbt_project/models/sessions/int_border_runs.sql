-- One row per visitor and day beyond the slice on which sessions are replaced, with the span of their starts.
--
-- The span is the whole run of activity at the border. The run is found without the slice's own events, so
-- that the span is the same whatever the slice holds, and whatever it held when the sessions were published.
-- A run that goes on for more than two days is cut at its midnights in any case, so that only the day at the
-- border can change. Dirty days get a build of their own.

with

borders as (

    select
        site_id,
        min(event_date) as first_date,
        max(event_date) as last_date
    from {{ source('audit', 'slice_days') }}
    group by site_id

),

dirty_days as (

    select distinct
        site_id,
        event_date
    from {{ source('ops', 'dirty_days') }}

),

runs as (

    -- The border events alone, without the slice.
    select
        int_runs.*,
        borders.first_date,
        borders.last_date,
        int_runs.side = 'before' as is_before
    from {{ ref('int_runs') }} as int_runs
    inner join borders on int_runs.site_id = borders.site_id
    where int_runs.side in ('before', 'after')

),

runs_counted as (

    select
        *,
        count(run_cause) over (partition by visitor_id, site_id, side) as run_count,
        count(case when run_number = 1 and is_trailing is not true and hard_end is null then 1 end) over (
            partition by visitor_id, site_id, side
        ) as first_activity_count,
        max(case when run_number = 2 then run_cause end) over (partition by visitor_id, site_id, side)
            as second_cause
    from runs

),

runs_at_the_border as (

    -- A first run of pings and ends alone may belong to a session of the slice. Then the end of that session
    -- is the cause of the second run.
    select
        *,
        min(event_date) over run > first_date - 3 and max(event_date) over run < last_date + 3 as is_short,
        min(occurred_at) over day_of_run as from_at,
        max(occurred_at) over day_of_run as to_at
    from runs_counted
    where
        run_number = case when is_before then run_count else 1 end
        or (not is_before and run_number = 2 and first_activity_count = 0 and second_cause <> 'timeout')
    window
        run as (partition by visitor_id, site_id, side, run_number),
        day_of_run as (partition by visitor_id, site_id, event_date)

),

spans as (

    select
        site_id,
        visitor_id,
        event_date,
        from_at,
        array_agg(event_id) filter (where occurred_at = from_at) as from_event_ids,
        to_at,
        array_agg(event_id) filter (where occurred_at = to_at) as to_event_ids
    from runs_at_the_border
    where is_short or event_date in (first_date - 1, last_date + 1)
    group by site_id, visitor_id, event_date, from_at, to_at

)

select spans.*
from spans
left join dirty_days on spans.site_id = dirty_days.site_id and spans.event_date = dirty_days.event_date
where dirty_days.event_date is null
