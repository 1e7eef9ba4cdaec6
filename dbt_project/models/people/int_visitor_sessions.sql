-- One row per session of the visitors in scope, over their whole history as it will be once the candidates
-- are published: candidate sessions, published ones that stay, and, where retention has pruned those, what
-- the published visitor still tells of its first and last session.
{{ config(materialized='view') }}

with

replaced_visitors as (

    select * from {{ ref('replaced_visitors') }}

),

replaced_sessions as (

    select * from {{ ref('replaced_sessions') }}

),

candidate_sessions as (

    select
        sessions.site_id,
        sessions.visitor_id,
        sessions.anonymous_id,
        sessions.session_id,
        sessions.first_event_id,
        sessions.event_date,
        sessions.started_at,
        sessions.ended_at,
        sessions.user_id,
        sessions.identified_at,
        sessions.page_view_count,
        sessions.duration_seconds,
        sessions.anonymous_page_view_count,
        sessions.landing_page,
        sessions.referrer,
        traffic.source,
        traffic.medium,
        traffic.campaign,
        traffic.channel
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('int_traffic') }} as traffic
        on sessions.site_id = traffic.site_id and sessions.session_id = traffic.session_id

),

staying_sessions as (

    select
        published_sessions.site_id,
        published_sessions.visitor_id,
        published_sessions.anonymous_id,
        published_sessions.session_id,
        published_sessions.first_event_id,
        published_sessions.event_date,
        published_sessions.started_at,
        published_sessions.ended_at,
        published_sessions.user_id,
        published_sessions.identified_at,
        published_sessions.page_view_count,
        published_sessions.duration_seconds,
        published_sessions.anonymous_page_view_count,
        published_sessions.landing_page,
        published_sessions.referrer,
        published_sessions.source,
        published_sessions.medium,
        published_sessions.campaign,
        published_sessions.channel
    from {{ source('published', 'sessions') }} as published_sessions
    inner join replaced_visitors
        on
            published_sessions.site_id = replaced_visitors.site_id
            and published_sessions.visitor_id = replaced_visitors.visitor_id
    left join replaced_sessions
        on
            published_sessions.site_id = replaced_sessions.site_id
            and published_sessions.session_id = replaced_sessions.session_id
    where replaced_sessions.session_id is null

)

select * from candidate_sessions
union all
select * from staying_sessions
