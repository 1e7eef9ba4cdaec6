-- One row per session whose published events are replaced: replaced and candidate sessions, and sessions on
-- the days being built that are not published any more.
--
-- A session goes with its user, and its events with the users of their time. So where a person was erased who
-- signed in on a device of another, the other's events of that session are left.

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

left_behind as (

    select distinct
        published_events.site_id,
        published_events.session_id
    from {{ source('published', 'events') }} as published_events
    inner join slice_days
        on
            published_events.site_id = slice_days.site_id
            and published_events.event_date = slice_days.event_date
    left join {{ source('published', 'sessions') }} as published_sessions
        on
            published_events.site_id = published_sessions.site_id
            and published_events.session_id = published_sessions.session_id
    where published_sessions.session_id is null

)

select
    site_id,
    session_id
from {{ ref('replaced_sessions') }}
union
select
    site_id,
    session_id
from {{ ref('int_sessions') }}
union
select
    site_id,
    session_id
from left_behind
