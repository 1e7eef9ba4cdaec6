-- One row per visit to a community of a replaced day beyond the slice that has no row any more, though its
-- session stays published: retention pruned the row, or publishing left it out. The day's figures count it
-- all the same, so it is read from raw events again. Robots are left out.
--
-- Days whose rows are all there are found in the marts alone; for these, no raw event is read.
{{ config(sql_header=hash_joins_only()) }}

with

replaced_days as (

    select replaced_days.*
    from {{ ref('replaced_days') }} as replaced_days
    left join {{ source('audit', 'slice_days') }} as slice_days
        on replaced_days.site_id = slice_days.site_id and replaced_days.event_date = slice_days.event_date
    where slice_days.event_date is null

),

visits_counted as (

    select
        published.site_id,
        published.event_date,
        sum(published.visit_count) as visit_count
    from {{ source('published', 'community_visits_daily') }} as published
    inner join replaced_days
        on published.site_id = replaced_days.site_id and published.event_date = replaced_days.event_date
    group by published.site_id, published.event_date

),

visits_kept as (

    select
        published.site_id,
        published.event_date,
        count(*) as visit_count
    from {{ source('published', 'community_visits') }} as published
    inner join replaced_days
        on published.site_id = replaced_days.site_id and published.event_date = replaced_days.event_date
    where not published.is_bot
    group by published.site_id, published.event_date

),

short_days as (

    select
        visits_counted.site_id,
        visits_counted.event_date
    from visits_counted
    left join visits_kept
        on visits_counted.site_id = visits_kept.site_id and visits_counted.event_date = visits_kept.event_date
    where visits_counted.visit_count > coalesce(visits_kept.visit_count, 0)

),

sessions_around as (

    -- Those of the day before, too: one may end at the instant at which another begins.
    select
        site_id,
        session_id,
        event_date,
        visitor_id,
        user_id,
        started_at,
        ended_at,
        is_bot
    from {{ source('published', 'sessions') }}
    where
        event_date >= (select min(short_days.event_date) - 1 from short_days)
        and event_date <= (select max(short_days.event_date) from short_days)

),

visit_events as (

    select
        events.site_id,
        events.event_id,
        events.visitor_id,
        events.user_id,
        events.occurred_at,
        events.properties
    from {{ ref('stg_events') }} as events
    where
        events.event_name = 'community_visited'
        and events.event_date >= (select min(short_days.event_date) from short_days)
        and events.event_date <= (select max(short_days.event_date) + 1 from short_days)

),

sessions_found as (

    -- Where two sessions meet in one instant, a visit is of the first: only what closes one comes after it.
    select
        visit_events.site_id,
        visit_events.event_id,
        sessions_around.session_id,
        sessions_around.event_date,
        visit_events.visitor_id,
        coalesce(visit_events.user_id, sessions_around.user_id) as user_id,
        visit_events.occurred_at,
        visit_events.properties,
        sessions_around.is_bot,
        row_number() over (
            partition by visit_events.site_id, visit_events.event_id, visit_events.occurred_at
            order by
                sessions_around.started_at asc, sessions_around.ended_at asc, sessions_around.session_id asc
        ) as choice
    from visit_events
    inner join sessions_around
        on
            visit_events.site_id = sessions_around.site_id
            and visit_events.visitor_id = sessions_around.visitor_id
            and visit_events.occurred_at >= sessions_around.started_at
            and visit_events.occurred_at <= sessions_around.ended_at

),

visits_found as (

    select sessions_found.*
    from sessions_found
    inner join short_days
        on sessions_found.site_id = short_days.site_id and sessions_found.event_date = short_days.event_date
    left join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            sessions_found.site_id = replaced_sessions.site_id
            and sessions_found.session_id = replaced_sessions.session_id
    left join {{ ref('replaced_community_visits') }} as replaced_visits
        on {{ same_keys('replaced_community_visits', 'sessions_found', 'replaced_visits') }}
    left join {{ source('published', 'community_visits') }} as published_visits
        on {{ same_keys('replaced_community_visits', 'sessions_found', 'published_visits') }}
    where
        sessions_found.choice = 1
        and not sessions_found.is_bot
        and replaced_sessions.session_id is null
        and replaced_visits.event_id is null
        and published_visits.event_id is null

),

{{ community_steps() }}

select * from divisions_compared
