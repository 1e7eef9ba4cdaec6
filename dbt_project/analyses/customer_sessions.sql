-- Which sessions did a customer have, the one that goes on now included? `user` chooses the customer.
-- A session that began since the last night has no id yet.
with

active as (

    select * from {{ source('live', 'active_sessions') }}
    where {{ of_site() }} and {{ of_user() }}

),

published as (

    select * from {{ source('published', 'sessions') }}
    where not is_bot and {{ of_site() }} and {{ of_user() }}

),

published_marked as (

    -- The night takes each session for ended. It goes on if the visitor's session of now began before it
    -- ended, and nothing ended it for good.
    select
        published.*,
        active.started_at as active_started_at,
        active.last_seen_at
    from published
    left join active
        on
            published.site_id = active.site_id
            and published.visitor_id = active.visitor_id
            and published.ended_at >= active.started_at
            and published.end_cause in ('timeout', 'page_unload')

),

sessions_listed as (

    select
        site_id,
        session_id,
        user_id,
        visitor_id,
        started_at,
        case when last_seen_at is null then ended_at end as ended_at,
        last_seen_at is not null as is_active,
        greatest(duration_seconds, cast(floor(extract(epoch from last_seen_at - started_at)) as integer))
            as duration_seconds,
        page_view_count,
        landing_page,
        device_type,
        browser,
        os,
        country_code,
        city,
        ip_masked,
        case when last_seen_at is null then end_cause end as end_cause
    from published_marked
    union all
    select
        active.site_id,
        null as session_id,
        active.user_id,
        active.visitor_id,
        active.started_at,
        null as ended_at,
        true as is_active,
        active.duration_seconds,
        active.page_view_count,
        active.landing_page,
        active.device_type,
        active.browser,
        active.os,
        active.country_code,
        active.city,
        active.ip_masked,
        null as end_cause
    from active
    left join published_marked
        on
            active.site_id = published_marked.site_id
            and active.visitor_id = published_marked.visitor_id
            and active.started_at = published_marked.active_started_at
    where published_marked.site_id is null

)

select
    *,
    count(*) over () as total
from sessions_listed
order by started_at desc, site_id asc, visitor_id asc, session_id asc
{{ asked_page() }}
