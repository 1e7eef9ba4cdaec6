-- One row per site and day whose daily figures the candidates change: the days being built, days around them
-- on which a session that crosses the border of the slice starts, and days whose figures change because
-- a conversion or an order moves from them or to them.

select
    site_id,
    event_date
from {{ source('audit', 'slice_days') }}
union
select
    site_id,
    event_date
from {{ ref('int_moved_days') }}
where is_whole
union
{{ replaced_keys('replaced_days', 'sessions', by='replaced_sessions', candidates='int_sessions') }}
