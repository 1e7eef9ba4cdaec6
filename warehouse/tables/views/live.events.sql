-- One row per event of the last 30 minutes, without its properties. Bots are left out.
--
-- The newest are read from the end of the index on occurred_at, whatever number there is.
with

recent_events as not materialized (

    select
        *,
        split_part(split_part(page_url, '#', 1), '?', 1) as page_address,
        substring(split_part(page_url, '#', 1) from '[?](.*)') as page_query
    from raw.events
    where
        occurred_at >= now() - interval '30 minutes'
        and event_date between cast(now() at time zone 'UTC' - interval '30 minutes' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
        and (
            (select pg_has_role('footfall_analyst', 'usage'))
            or site_id = (select ops.site_of(current_user))
            or site_id = any(cast((select ops.sites_of_token()) as text[]))
        )

)

select
    recent_events.site_id,
    recent_events.event_id,
    recent_events.occurred_at,
    recent_events.event_name,
    recent_events.event_category,
    raw.visitor_id(recent_events.anonymous_id, recent_events.user_id) as visitor_id,
    recent_events.user_id,
    case
        when recent_events.page_address like '%://%'
            then coalesce(substring(recent_events.page_address from '^[^/?]*://[^/?]*(/[^?]*)'), '/')
        else recent_events.page_address
    end
    || coalesce('?' || raw.query_of_keys(recent_events.page_query, site_options.path_query_keys), '') as page_path,
    recent_events.page_type,
    recent_events.page_identifier,
    user_agents.device_type
from recent_events
left join raw.user_agents on recent_events.user_agent_id = user_agents.user_agent_id
left join ops.site_options on recent_events.site_id = site_options.site_id
-- An app is not judged by its user agent.
where not coalesce(user_agents.is_bot and recent_events.context <> 'app', false)
