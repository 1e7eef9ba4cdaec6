select
    site_id,
    device_type,
    browser,
    os,
    count(distinct coalesce(anonymous_id, user_id)) as visitor_count
from raw.events
inner join raw.user_agents using (user_agent_id)
where event_date between :first and :last and not is_bot
group by site_id, device_type, browser, os
order by visitor_count desc, site_id asc, device_type asc, browser asc, os asc
limit 20
