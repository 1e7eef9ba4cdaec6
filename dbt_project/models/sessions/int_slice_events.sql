-- One row per event of the slice, and per border event. A view, because it has many columns and is read once.
{{ config(materialized='view') }}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

)

select events.*
from {{ ref('stg_events') }} as events
where
    events.event_date >= (select min(slice_days.event_date) from slice_days)
    and events.event_date <= (select max(slice_days.event_date) from slice_days)
    -- A site whose timezone is unknown has no days.
    and events.site_id in (select slice_days.site_id from slice_days)
union all
select * from {{ ref('int_border_events') }}
