-- One row per device that was anonymous and got to know its first user.

with

first_identities as (

    select
        *,
        row_number() over (partition by site_id, visitor_id order by from_at) as choice
    from {{ ref('identities') }}

),

visitors as (

    select * from {{ ref('visitors') }}

),

visitor_sessions as (

    select * from {{ ref('int_visitor_sessions') }}

),

changed_from as (

    -- The start of the first session that is built or replaced. A conversion before it stays as it is
    -- published, even where retention has pruned the anonymous sessions that it counted.
    select
        site_id,
        visitor_id,
        min(started_at) as changed_from
    from (
        select
            sessions.site_id,
            sessions.visitor_id,
            sessions.started_at
        from {{ ref('int_sessions') }} as sessions
        union all
        select
            published_sessions.site_id,
            published_sessions.visitor_id,
            published_sessions.started_at
        from {{ source('published', 'sessions') }} as published_sessions
        inner join {{ ref('replaced_sessions') }} as replaced_sessions
            on
                published_sessions.site_id = replaced_sessions.site_id
                and published_sessions.session_id = replaced_sessions.session_id
    ) as changes
    group by site_id, visitor_id

),

conversions_kept as (

    -- Those who never were anonymous are left out, should an older version have published them.
    select published_conversions.*
    from {{ source('published', 'conversions') }} as published_conversions
    inner join changed_from
        on
            published_conversions.site_id = changed_from.site_id
            and published_conversions.visitor_id = changed_from.visitor_id
            and published_conversions.converted_at < changed_from.changed_from
    left join visitors
        on
            published_conversions.site_id = visitors.site_id
            and published_conversions.visitor_id = visitors.visitor_id
    where
        published_conversions.anonymous_session_count > 0
        or visitors.first_seen_at < published_conversions.converted_at

),

histories_summed as (

    -- The session in which the user appeared counts up to that moment, if it began without a user.
    select
        first_identities.site_id,
        first_identities.visitor_id,
        first_identities.user_id,
        first_identities.from_at as converted_at,
        first_identities.session_id,
        count(visitor_sessions.session_id) as anonymous_session_count,
        coalesce(sum(
            case
                when visitor_sessions.session_id = first_identities.session_id
                    then visitor_sessions.anonymous_page_view_count
                else visitor_sessions.page_view_count
            end
        ), 0) as anonymous_page_view_count,
        coalesce(sum(
            case
                when visitor_sessions.session_id = first_identities.session_id
                    then {{ seconds_between('visitor_sessions.started_at', 'first_identities.from_at') }}
                else visitor_sessions.duration_seconds
            end
        ), 0) as anonymous_seconds
    from first_identities
    left join visitor_sessions
        on
            first_identities.site_id = visitor_sessions.site_id
            and first_identities.visitor_id = visitor_sessions.visitor_id
            and (
                first_identities.from_at > visitor_sessions.started_at
                -- A page may have been viewed before the user appeared, at the same instant.
                or (
                    first_identities.session_id = visitor_sessions.session_id
                    and visitor_sessions.anonymous_page_view_count > 0
                )
            )
    where first_identities.choice = 1
    group by
        first_identities.site_id,
        first_identities.visitor_id,
        first_identities.user_id,
        first_identities.from_at,
        first_identities.session_id

),

conversions_made as (

    -- Who was signed in from the first event on does not convert. The visitor remembers an anonymous session
    -- that retention has pruned.
    select
        histories_summed.site_id,
        histories_summed.visitor_id,
        histories_summed.user_id,
        histories_summed.converted_at,
        cast(converting_sessions.event_date as date) as event_date,
        histories_summed.session_id,
        visitors.first_session_id,
        visitors.first_landing_page as landing_page,
        visitors.first_referrer as referrer,
        visitors.first_channel as channel,
        visitors.first_source as source,
        visitors.first_medium as medium,
        visitors.first_campaign as campaign,
        cast(histories_summed.anonymous_session_count as integer) as anonymous_session_count,
        cast(histories_summed.anonymous_page_view_count as integer) as anonymous_page_view_count,
        cast(histories_summed.anonymous_seconds as bigint) as anonymous_seconds
    from histories_summed
    inner join visitors
        on
            histories_summed.site_id = visitors.site_id
            and histories_summed.visitor_id = visitors.visitor_id
    inner join visitor_sessions as converting_sessions
        on
            histories_summed.site_id = converting_sessions.site_id
            and histories_summed.visitor_id = converting_sessions.visitor_id
            and histories_summed.session_id = converting_sessions.session_id
    left join conversions_kept
        on
            histories_summed.site_id = conversions_kept.site_id
            and histories_summed.visitor_id = conversions_kept.visitor_id
    where
        conversions_kept.visitor_id is null
        and (
            histories_summed.anonymous_session_count > 0
            or visitors.first_seen_at < histories_summed.converted_at
        )

)

select {{ contract_columns('conversions', 'conversions_made') }}
from conversions_made
union all
select {{ contract_columns('conversions', 'conversions_kept') }}
from conversions_kept
