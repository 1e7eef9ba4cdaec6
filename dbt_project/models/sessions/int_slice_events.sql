-- One row per event of the slice, and per border event. A view, because it has many columns and is read once.
{{ config(materialized='view') }}

-- Without a CTE for the days: PostgreSQL reads none in parallel.
select events.*
from {{ ref('stg_events') }} as events
where
    events.event_date
    >= (select min(slice_days.event_date) from {{ source('audit', 'slice_days') }} as slice_days)
    and events.event_date
    <= (select max(slice_days.event_date) from {{ source('audit', 'slice_days') }} as slice_days)
    -- A site whose timezone is unknown has no days.
    and events.site_id in (select slice_days.site_id from {{ source('audit', 'slice_days') }} as slice_days)
union all
select * from {{ ref('int_border_events') }}
