-- One row per stretch of time in which a device belonged to one user.

with

sightings as (

    select
        site_id,
        visitor_id,
        user_id,
        identified_at,
        session_id
    from {{ ref('int_visitor_sessions') }}
    where identified_at is not null
    union
    -- What is published already, in case retention has pruned the session that showed it.
    select
        published_identities.site_id,
        published_identities.visitor_id,
        published_identities.user_id,
        published_identities.from_at,
        published_identities.session_id
    from {{ source('published', 'identities') }} as published_identities
    inner join {{ ref('scope_visitors') }} as scope_visitors
        on
            published_identities.site_id = scope_visitors.site_id
            and published_identities.visitor_id = scope_visitors.visitor_id
    left join {{ ref('scope_sessions') }} as scope_sessions
        on
            published_identities.site_id = scope_sessions.site_id
            and published_identities.session_id = scope_sessions.session_id
    where scope_sessions.session_id is null

),

users_compared as (

    select
        *,
        lag(user_id) over (partition by site_id, visitor_id order by identified_at, session_id) as user_before
    from sightings

),

changes_kept as (

    select * from users_compared
    where user_before is null or user_before <> user_id

),

intervals_closed as (

    select
        site_id,
        visitor_id,
        user_id,
        identified_at as from_at,
        lead(identified_at) over (partition by site_id, visitor_id order by identified_at, session_id) as to_at,
        session_id
    from changes_kept

)

select * from intervals_closed
