-- How much does an anonymous visitor look at before signing in for the first time?
select
    conversions.site_id,
    count(*) as conversions,
    round(avg(conversions.page_views_before), 2) as avg_page_views,
    percentile_cont(0.5) within group (order by conversions.page_views_before) as median_page_views,
    round(avg(conversions.sessions_before), 2) as avg_sessions,
    round(avg(conversions.anonymous_seconds), 2) as avg_seconds
from (
    -- Who was signed in from the first event on has none before.
    select * from {{ source('published', 'conversions') }}
    where sessions_before > 0 and {{ asked_for('conversion_date') }}
) as conversions
left join {{ source('published', 'sessions') }} as sessions
    on conversions.site_id = sessions.site_id and conversions.session_id = sessions.session_id
-- Of a session that was pruned nobody knows any more.
where not coalesce(sessions.is_bot, false)
group by conversions.site_id
order by conversions.site_id
