-- One row per goal of a site being built, as they were when the build began.

select
    site_id,
    goal,
    {{ event_of_step('step') }} as event_name,
    {{ path_of_step('step') }} as page_pattern,
    property,
    property_value,
    value_property
from {{ source('ops', 'goals') }}
where site_id in (select slice_days.site_id from {{ source('audit', 'slice_days') }} as slice_days)
