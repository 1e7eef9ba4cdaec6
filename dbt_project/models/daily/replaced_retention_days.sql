-- One row per site and day whose weekly returns the candidates change: days that are counted anew, days of
-- which people moved to or from an earlier day of the week or another first week, and days on which nobody
-- is left. A frozen day stays as it is published, and a day that was never counted waits for a build of its
-- own.

select
    site_id,
    event_date
from {{ ref('int_recounted_days') }}
union
select
    week_starters.site_id,
    week_starters.event_date
from {{ ref('int_week_starters') }} as week_starters
inner join {{ source('published', 'daily_retention') }} as counted
    on
        week_starters.site_id = counted.site_id
        and week_starters.event_date = counted.event_date
        and {{ week_of('week_starters.event_date') }} = counted.first_week
where
    (
        week_starters.visitors_before <> week_starters.visitors_after
        or week_starters.customers_before <> week_starters.customers_after
    )
    and week_starters.event_date not in (
        select frozen_days.event_date from {{ source('ops', 'frozen_days') }} as frozen_days
    )
union
select
    replaced_days.site_id,
    replaced_days.event_date
from {{ ref('replaced_days') }} as replaced_days
left join {{ ref('daily_stats') }} as daily_stats
    on {{ same_keys('replaced_days', 'replaced_days', 'daily_stats') }}
where daily_stats.site_id is null
