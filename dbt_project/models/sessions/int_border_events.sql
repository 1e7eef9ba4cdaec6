-- One row per event beyond the slice that is needed to build whole the sessions that cross its borders.
--
-- Days around the slice are read only for visitors who were active near the border, and days further out only
-- for visitors who have no gap in the days between. `stg_events` is named twice on purpose: as a step of its
-- own it would be read as a whole, with all of history.
{{ config(sql_header=hash_joins_only()) }}
{% set timeout = "site_options.session_timeout_minutes * interval '1' minute" %}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

border_visitors as (

    select * from {{ ref('int_border_visitors') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

neighbour_events as (

    select events.*
    from {{ ref('stg_events') }} as events
    inner join border_visitors
        on
            events.site_id = border_visitors.site_id
            and events.visitor_id = border_visitors.visitor_id
            and events.event_date = border_visitors.event_date
    where
        events.event_date in (
            (select min(slice_days.event_date) - 1 from slice_days),
            (select max(slice_days.event_date) + 1 from slice_days)
        )

),

neighbour_gaps as (

    select
        site_id,
        visitor_id,
        event_date,
        occurred_at,
        occurred_at - lag(occurred_at) over (
            partition by site_id, visitor_id, event_date order by {{ event_order() | join(', ') }}
        ) as gap
    from neighbour_events

),

unbroken_visitors as (

    -- These visitors were active without a gap through the whole neighbouring day (of 23 hours or more).
    -- Their run may go on beyond it.
    select
        neighbour_gaps.site_id,
        neighbour_gaps.visitor_id,
        neighbour_gaps.event_date,
        neighbour_gaps.event_date < (select min(slice_days.event_date) from slice_days) as is_before
    from neighbour_gaps
    inner join site_options on neighbour_gaps.site_id = site_options.site_id
    group by
        neighbour_gaps.site_id, neighbour_gaps.visitor_id, neighbour_gaps.event_date,
        site_options.session_timeout_minutes
    having
        max(neighbour_gaps.gap) <= {{ timeout }}
        and max(neighbour_gaps.occurred_at) - min(neighbour_gaps.occurred_at)
        >= interval '23' hour - 2 * {{ timeout }}

),

further_events as (

    select events.*
    from {{ ref('stg_events') }} as events
    inner join unbroken_visitors
        on
            events.site_id = unbroken_visitors.site_id
            and events.visitor_id = unbroken_visitors.visitor_id
            and (
                events.event_date < unbroken_visitors.event_date
                and unbroken_visitors.is_before
                or events.event_date > unbroken_visitors.event_date
                and not unbroken_visitors.is_before
            )
    where
        events.event_date in (
            (select min(slice_days.event_date) - 3 from slice_days),
            (select min(slice_days.event_date) - 2 from slice_days),
            (select max(slice_days.event_date) + 2 from slice_days),
            (select max(slice_days.event_date) + 3 from slice_days)
        )
        and events.event_date not in (
            select frozen_days.event_date from {{ source('ops', 'frozen_days') }} as frozen_days
        )

)

select * from neighbour_events
union all
select * from further_events
