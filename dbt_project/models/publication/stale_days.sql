-- One row per site, stale day and cause: a day outside the slice that must be built again because of the
-- candidates.

with

moved_visitors as (

    select
        replaced_visitors.site_id,
        published_visitors.first_session_id as first_session_id_before,
        published_visitors.first_seen_date as first_seen_date_before,
        visitors.first_session_id,
        visitors.first_seen_date
    from {{ ref('replaced_visitors') }} as replaced_visitors
    left join {{ source('published', 'visitors') }} as published_visitors
        on {{ same_keys('replaced_visitors', 'replaced_visitors', 'published_visitors') }}
    left join {{ ref('visitors') }} as visitors
        on {{ same_keys('replaced_visitors', 'replaced_visitors', 'visitors') }}
    where published_visitors.first_session_id is distinct from visitors.first_session_id

),

first_visits_left as (

    -- The session that was the first one stays published and still calls itself a first visit.
    select
        moved_visitors.site_id,
        moved_visitors.first_seen_date_before as event_date,
        'identity' as cause
    from moved_visitors
    left join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            moved_visitors.site_id = replaced_sessions.site_id
            and moved_visitors.first_session_id_before = replaced_sessions.session_id
    where replaced_sessions.session_id is null

),

first_visits_found as (

    -- The session that is the first one now stays published and does not call itself a first visit.
    select
        moved_visitors.site_id,
        moved_visitors.first_seen_date as event_date,
        'identity' as cause
    from moved_visitors
    left join {{ ref('int_sessions') }} as sessions
        on
            moved_visitors.site_id = sessions.site_id
            and moved_visitors.first_session_id = sessions.session_id
    where sessions.session_id is null

),

figures_left as (

    -- The day's figures cannot be summed again, because retention pruned some of its sessions.
    select
        moved_days.site_id,
        moved_days.event_date,
        moved_days.cause
    from {{ ref('int_moved_days') }} as moved_days
    where not moved_days.is_whole

),

days as (

    select * from first_visits_left
    union
    select * from first_visits_found
    union
    select * from figures_left

)

select
    days.site_id,
    days.event_date,
    days.cause
from days
where
    days.event_date not in (
        select slice_days.event_date from {{ source('audit', 'slice_days') }} as slice_days
    )
