-- One row per ownership interval: a time in which a device belonged to one user.

with

sightings as (

    select
        site_id,
        visitor_id,
        user_id,
        identified_at,
        session_id,
        started_at,
        ended_at,
        first_event_id
    from {{ ref('int_visitor_sessions') }}
    where identified_at is not null
    union all
    -- Published intervals: retention may have pruned the sessions in which they began.
    select
        published_identities.site_id,
        published_identities.visitor_id,
        published_identities.user_id,
        published_identities.from_at,
        published_identities.session_id,
        null as started_at,
        null as ended_at,
        null as first_event_id
    from {{ source('published', 'identities') }} as published_identities
    inner join {{ ref('replaced_visitors') }} as replaced_visitors
        on
            published_identities.site_id = replaced_visitors.site_id
            and published_identities.visitor_id = replaced_visitors.visitor_id
    left join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            published_identities.site_id = replaced_sessions.site_id
            and published_identities.session_id = replaced_sessions.session_id
    where replaced_sessions.session_id is null

),

moments_ranked as (

    -- Where two users appear at one instant, the user of the later session is kept.
    select
        *,
        row_number() over (
            partition by site_id, visitor_id, identified_at
            order by started_at desc nulls last, ended_at desc nulls last, first_event_id desc nulls last
        ) as choice
    from sightings

),

users_compared as (

    select
        *,
        lag(user_id) over (partition by site_id, visitor_id order by identified_at) as user_before
    from moments_ranked
    where choice = 1

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
        lead(identified_at) over (partition by site_id, visitor_id order by identified_at) as to_at,
        session_id
    from changes_kept

)

select * from intervals_closed
