-- One row per visit to a community.

with

visit_events as (

    select * from {{ ref('int_session_events') }}
    where event_name = 'community_visited'

),

sessions as (

    select * from {{ ref('sessions') }}

),

visits_found as (

    select
        visit_events.site_id,
        visit_events.event_id,
        visit_events.session_id,
        sessions.event_date,
        visit_events.visitor_id,
        coalesce(visit_events.user_id, sessions.user_id) as user_id,
        visit_events.occurred_at,
        visit_events.properties,
        sessions.is_bot
    from visit_events
    inner join sessions
        on visit_events.site_id = sessions.site_id and visit_events.session_id = sessions.session_id

),

{{ community_steps() }}

select * from divisions_compared
