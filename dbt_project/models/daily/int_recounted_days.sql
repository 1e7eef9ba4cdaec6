-- One row per site and day of the slice whose weekly returns are counted anew. Whether a visitor was there
-- earlier in the week is read from published sessions. Where a day earlier in the week is frozen, retention
-- may have pruned these: then what was counted once is changed by the difference that the candidates make,
-- and not counted again.

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

frozen_weeks as (

    select
        {{ week_of('event_date') }} as week,
        min(event_date) as first_frozen_date
    from {{ source('ops', 'frozen_days') }}
    group by {{ week_of('event_date') }}

)

select
    slice_days.site_id,
    slice_days.event_date
from slice_days
left join frozen_weeks
    on
        {{ week_of('slice_days.event_date') }} = frozen_weeks.week
        and slice_days.event_date > frozen_weeks.first_frozen_date
left join {{ source('published', 'daily_retention') }} as counted
    on
        slice_days.site_id = counted.site_id
        and slice_days.event_date = counted.event_date
        and {{ week_of('slice_days.event_date') }} = counted.first_week
where frozen_weeks.week is null or counted.site_id is null
