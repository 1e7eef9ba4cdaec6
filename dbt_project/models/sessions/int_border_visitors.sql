-- One row per visitor and day beside the slice on which they were active within the timeout of its border.
--
-- A table of its own, so that the planner knows how few rows there are. It has no statistics of events that
-- were just loaded.
{{ config(sql_header=hash_joins_only()) }}
{% set timeout = "borders.session_timeout_minutes * interval '1' minute" %}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

borders as (

    select
        slice_days.site_id,
        min(slice_days.event_date) as first_date,
        max(slice_days.event_date) as last_date,
        min(slice_days.starts_at) as starts_at,
        max(slice_days.ends_at) as ends_at,
        max(site_options.session_timeout_minutes) as session_timeout_minutes
    from slice_days
    inner join site_options on slice_days.site_id = site_options.site_id
    group by slice_days.site_id

),

border_visitors as (

    select distinct
        events.site_id,
        events.visitor_id,
        events.event_date
    from {{ ref('stg_events') }} as events
    inner join borders
        on
            events.site_id = borders.site_id
            and (
                (
                    events.event_date = borders.first_date - 1
                    and events.occurred_at >= borders.starts_at - {{ timeout }}
                )
                or (
                    events.event_date = borders.last_date + 1
                    and events.occurred_at <= borders.ends_at + {{ timeout }}
                )
            )
    where
        events.event_date in (
            (select min(slice_days.event_date) - 1 from slice_days),
            (select max(slice_days.event_date) + 1 from slice_days)
        )
        -- What is left of a frozen day's events builds no session: its sessions stay as they are published.
        and events.event_date not in (
            select frozen_days.event_date from {{ source('ops', 'frozen_days') }} as frozen_days
        )

)

select * from border_visitors
