-- The events of a site that were received since a moment, by name and by the origin of their page.
select
    events.event_name,
    coalesce(
        substring(events.page_url from '^https?://[^/?#]+'),
        case when events.page_host is not null then 'https://' || events.page_host end,
        case events.context when 'browser' then '(no address)' else '(' || events.context || ')' end
    ) as origin,
    count(*) as event_count,
    count(*) filter (where user_agents.is_bot) as robot_count,
    max(events.received_at) as last_at
from raw.events as events
left join raw.user_agents on events.user_agent_id = user_agents.user_agent_id
where
    events.site_id = :site
    and events.received_at >= :since
    -- What came lately happened lately, but for what was imported or sent late; all partitions would take long.
    and events.event_date >= cast(cast(:since as timestamptz) at time zone 'UTC' as date) - 2
group by 1, 2
order by 3 desc, 1 asc, 2 asc
