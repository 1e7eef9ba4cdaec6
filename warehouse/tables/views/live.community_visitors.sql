-- One row per site and community with a visitor in the last 5 minutes. Bots are left out.
with

recent_events as (

    select
        site_id,
        raw.visitor_id(anonymous_id, user_id) as visitor_id,
        user_id,
        occurred_at,
        event_name,
        left(properties ->> 'community_id', 128) as community_id,
        left(properties ->> 'community_slug', 256) as community_slug,
        properties ->> 'visitor_division_id' <> properties ->> 'community_division_id' as is_cross_division
    from raw.events
    left join raw.user_agents using (user_agent_id)
    where
        occurred_at >= now() - interval '5 minutes'
        and event_date between cast(now() at time zone 'UTC' - interval '5 minutes' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
        and event_name in ('community_visited', 'page_viewed')
        and not coalesce(is_bot and context <> 'app', false)
        and (
            (select pg_has_role('footfall_analyst', 'usage'))
            or site_id = (select ops.site_of(current_user))
            or site_id = any(cast((select ops.sites_of_token()) as text[]))
        )

),

page_views as (

    select
        site_id,
        visitor_id,
        count(*) as page_view_count
    from recent_events
    where event_name = 'page_viewed'
    group by site_id, visitor_id

),

visitors_folded as (

    -- A visitor who was signed in at one of the visits counts as signed in.
    select
        site_id,
        community_id,
        visitor_id,
        max(community_slug) as community_slug,
        max(occurred_at) as last_seen_at,
        count(user_id) > 0 as is_signed_in,
        coalesce(bool_or(is_cross_division), false) as is_cross_division
    from recent_events
    where event_name = 'community_visited' and community_id is not null
    group by site_id, community_id, visitor_id

)

select
    visitors_folded.site_id,
    visitors_folded.community_id,
    max(visitors_folded.community_slug) as community_slug,
    cast(count(*) as integer) as visitor_count,
    cast(count(*) filter (where is_signed_in) as integer) as signed_in_count,
    cast(count(*) filter (where not is_signed_in) as integer) as anonymous_count,
    round(100.0 * count(*) filter (where is_signed_in) / count(*), 2) as signed_in_percent,
    round(100.0 * count(*) filter (where not is_signed_in) / count(*), 2) as anonymous_percent,
    cast(count(*) filter (where is_cross_division) as integer) as cross_division_count,
    cast(coalesce(sum(page_views.page_view_count), 0) as integer) as page_view_count,
    max(visitors_folded.last_seen_at) as last_update_at
from visitors_folded
left join page_views
    on visitors_folded.site_id = page_views.site_id and visitors_folded.visitor_id = page_views.visitor_id
group by visitors_folded.site_id, visitors_folded.community_id
