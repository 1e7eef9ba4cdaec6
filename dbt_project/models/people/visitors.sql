-- One row per visitor of a site: a device, or a user where no device is known.

with

visitor_sessions as (

    select * from {{ ref('int_visitor_sessions') }}

),

replaced_sessions as (

    select * from {{ ref('replaced_sessions') }}

),

published_visitors as (

    select published_visitors.*
    from {{ source('published', 'visitors') }} as published_visitors
    inner join {{ ref('replaced_visitors') }} as replaced_visitors
        on
            published_visitors.site_id = replaced_visitors.site_id
            and published_visitors.visitor_id = replaced_visitors.visitor_id

),

firsts_and_lasts as (

    select
        site_id,
        visitor_id,
        anonymous_id,
        session_id,
        first_event_id,
        event_date,
        started_at,
        ended_at,
        landing_page,
        referrer,
        channel,
        source,
        medium,
        campaign,
        user_id
    from visitor_sessions
    union all
    -- The first session as the published visitor has it: retention may have pruned the session itself.
    select
        published_visitors.site_id,
        published_visitors.visitor_id,
        published_visitors.anonymous_id,
        published_visitors.first_session_id,
        null as first_event_id,
        published_visitors.first_seen_date,
        published_visitors.first_seen_at as started_at,
        published_visitors.first_seen_at as ended_at,
        published_visitors.first_landing_page,
        published_visitors.first_referrer,
        published_visitors.first_channel,
        published_visitors.first_source,
        published_visitors.first_medium,
        published_visitors.first_campaign,
        published_visitors.current_user_id as user_id
    from published_visitors
    left join replaced_sessions
        on
            published_visitors.site_id = replaced_sessions.site_id
            and published_visitors.first_session_id = replaced_sessions.session_id
    where replaced_sessions.session_id is null

),

ranked as (

    select
        *,
        row_number() over (
            partition by site_id, visitor_id
            -- Of sessions that start at one instant, the one before ends at it.
            order by
                started_at,
                case when first_event_id is null then 1 else 0 end,
                ended_at,
                first_event_id
        ) as age_rank,
        max(ended_at) over (partition by site_id, visitor_id) as last_seen_at
    from firsts_and_lasts

),

last_sights_replaced as (

    select
        published_sessions.site_id,
        published_sessions.visitor_id,
        max(published_sessions.ended_at) as last_seen_at
    from {{ source('published', 'sessions') }} as published_sessions
    inner join replaced_sessions
        on
            published_sessions.site_id = replaced_sessions.site_id
            and published_sessions.session_id = replaced_sessions.session_id
    group by published_sessions.site_id, published_sessions.visitor_id

),

last_sights_kept as (

    -- The last sight as published, unless its session is replaced. The session itself may be gone: retention
    -- may prune an anonymous session before an older one with a user.
    select
        published_visitors.site_id,
        published_visitors.visitor_id,
        published_visitors.last_seen_at
    from published_visitors
    left join last_sights_replaced
        on
            published_visitors.site_id = last_sights_replaced.site_id
            and published_visitors.visitor_id = last_sights_replaced.visitor_id
    where published_visitors.last_seen_at is distinct from last_sights_replaced.last_seen_at

),

current_users as (

    select
        site_id,
        visitor_id,
        user_id
    from {{ ref('identities') }}
    where to_at is null

),

firsts_kept as (

    select
        ranked.site_id,
        ranked.visitor_id,
        ranked.anonymous_id,
        ranked.started_at as first_seen_at,
        ranked.event_date as first_seen_date,
        greatest(ranked.last_seen_at, last_sights_kept.last_seen_at) as last_seen_at,
        ranked.session_id as first_session_id,
        ranked.landing_page as first_landing_page,
        ranked.referrer as first_referrer,
        ranked.channel as first_channel,
        ranked.source as first_source,
        ranked.medium as first_medium,
        ranked.campaign as first_campaign,
        coalesce(
            current_users.user_id,
            case when ranked.anonymous_id is null then ranked.user_id end
        ) as current_user_id
    from ranked
    left join current_users
        on ranked.site_id = current_users.site_id and ranked.visitor_id = current_users.visitor_id
    left join last_sights_kept
        on ranked.site_id = last_sights_kept.site_id and ranked.visitor_id = last_sights_kept.visitor_id
    where ranked.age_rank = 1

)

select * from firsts_kept
