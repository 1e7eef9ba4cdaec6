-- One row per site and day whose daily figures the candidates change: the days being built, and days around
-- them on which a session that crosses the border of the slice starts.

select
    site_id,
    event_date
from {{ source('audit', 'slice_days') }}
union
{{ replaced_keys('replaced_days', 'sessions', by='replaced_sessions', candidates='int_sessions') }}
