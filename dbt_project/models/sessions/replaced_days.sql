-- One row per site and day whose daily figures the candidates change: the days being built, and days around
-- them on which a session that crosses the border of the slice starts.

with

replaced as (

    select
        published_sessions.site_id,
        published_sessions.event_date
    from {{ source('published', 'sessions') }} as published_sessions
    inner join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            published_sessions.site_id = replaced_sessions.site_id
            and published_sessions.session_id = replaced_sessions.session_id

)

select
    site_id,
    event_date
from {{ source('audit', 'slice_days') }}
union
select
    site_id,
    event_date
from {{ ref('int_sessions') }}
union
select
    site_id,
    event_date
from replaced
