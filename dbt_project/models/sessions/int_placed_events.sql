-- One row per event of the slice, and of the runs of activity that cross the slice's borders, with the start
-- of its session. It has few columns, because all windows copy every row; other columns are joined later.
--
-- Where a run crosses a border of the slice, the slice takes the whole run. This is a view, of which two
-- tables take half of the visitors each: PostgreSQL runs windows in one process, and all other models wait
-- for them.
{{ config(materialized='view') }}
{% set in_order = "order by " ~ event_order() | join(', ') %}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

border_runs as (

    select * from {{ ref('int_border_runs') }}

),

runs as (

    select * from {{ ref('int_runs') }}
    where side = 'slice'

),

runs_measured as (

    select
        *,
        min(event_date) over run as run_date,
        max(event_date) over run > min(event_date) over run + 1 as crosses_midnights
    from runs
    window run as (partition by visitor_id, site_id, run_number)

),

midnights_cut as (

    -- A run over one midnight is one session. A run over several midnights is cut at each of them.
    -- Pings and ends make no session: those that precede all other events of the run, or of the day where it
    -- is cut, are in none.
    select
        *,
        case when crosses_midnights then event_date end as cut_date
    from runs_measured
    where is_stray is not true and (not crosses_midnights or opener_date = event_date)

),

sessions_found as (

    select
        *,
        first_value(occurred_at) over in_session as started_at,
        first_value(event_date) over in_session as session_date,
        first_value(event_id) over in_session as first_event_id,
        row_number() over in_session as position_in_session,
        lead(case when is_late is not true then occurred_at end) over in_session as next_occurred_at,
        count(case when is_page_view then 1 end) over in_session as page_view_number,
        -- Where stray pings opened the run, its cause is with them, and is a timeout.
        case
            when crosses_midnights and first_value(event_date) over in_session > run_date then 'midnight_cut'
            else coalesce(run_cause, 'timeout')
        end as start_cause,
        case
            when hard_end is not null then hard_end
            when has_next_event and next_run_cause is null then 'midnight_cut'
            when next_run_cause = 'user_switch' then 'user_switch'
            when is_page_unload then 'page_unload'
            else 'timeout'
        end as end_cause
    from midnights_cut
    window in_session as (
        partition by visitor_id, site_id, run_number, cut_date {{ in_order }} {{ running_frame() }}
    )

),

sessions_dated as (

    select
        *,
        session_date >= (select min(slice_days.event_date) from slice_days)
        and session_date <= (select max(slice_days.event_date) from slice_days) as is_of_slice
    from sessions_found

),

sessions_kept as (

    -- All other sessions were read as context only.
    select sessions_dated.*
    from sessions_dated
    left join border_runs on {{ starts_within('sessions_dated', 'border_runs', day='session_date') }}
    where sessions_dated.is_of_slice or border_runs.event_date is not null

),

columns_named as (

    select
        site_id,
        visitor_id,
        event_id,
        occurred_at,
        session_date,
        started_at,
        first_event_id,
        is_of_slice,
        position_in_session,
        page_view_number,
        next_occurred_at,
        is_late,
        -- start_cause stands on the session's first event, end_cause on its last that is not late.
        case when position_in_session = 1 then start_cause end as start_cause,
        case when next_occurred_at is null and is_late is not true then end_cause end as end_cause
    from sessions_kept

)

select * from columns_named
