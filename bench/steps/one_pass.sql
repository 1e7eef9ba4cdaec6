-- The least work of any build of sessions: one sort of the day by device and time, and one row per session.
create unlogged table bench.one_pass as

with

narrowed as (
    select
        site_id,
        coalesce(anonymous_id, 'user:' || user_id) as visitor_id,
        occurred_at,
        event_id,
        event_name,
        user_id,
        page_url,
        referrer,
        user_agent_id,
        case when event_name = 'page_engaged' then properties ->> 'engaged_ms' end as engaged_ms,
        case when event_name = 'page_engaged' then properties ->> 'scroll_depth' end as scroll_depth,
        case when event_name = 'page_engaged' then properties ->> 'clicks' end as clicks
    from raw.events
    where event_date = :day
),

gaps_measured as (
    select
        *,
        coalesce(
            occurred_at - lag(occurred_at) over visitor > interval '30 minutes', true
        ) as is_start
    from narrowed
    window visitor as (partition by site_id, visitor_id order by occurred_at, event_id)
),

sessions_numbered as (
    select
        *,
        sum(is_start::int) over (
            partition by site_id, visitor_id order by occurred_at, event_id rows unbounded preceding
        ) as session_number
    from gaps_measured
)

select
    site_id,
    visitor_id,
    session_number,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    count(*) as event_count,
    count(*) filter (where event_name = 'page_viewed') as page_view_count,
    max(user_id) as user_id,
    max(page_url) filter (where is_start) as landing_page,
    max(referrer) filter (where is_start) as referrer,
    (max(user_agent_id::text) filter (where is_start))::uuid as user_agent_id,
    sum(engaged_ms::bigint) as engaged_ms,
    max(scroll_depth::int) as scroll_percent,
    sum(clicks::int) as click_count
from sessions_numbered
group by site_id, visitor_id, session_number
