-- One row per declared property of a site being built, as they were when the build began.

select
    site_id,
    event_name,
    property
from {{ source('ops', 'declared_properties') }}
where site_id in (select slice_days.site_id from {{ source('audit', 'slice_days') }} as slice_days)
