-- How much does an anonymous visitor look at before signing in for the first time?
select
    conversions.site_id,
    count(*) as conversion_count,
    round(avg(conversions.anonymous_page_view_count), 2) as avg_page_view_count,
    percentile_cont(0.5) within group (order by conversions.anonymous_page_view_count)
        as median_page_view_count,
    round(avg(conversions.anonymous_session_count), 2) as avg_session_count,
    round(avg(conversions.anonymous_seconds), 2) as avg_seconds
from (
    -- Where retention has pruned the anonymous sessions, nothing is known of them.
    select * from {{ source('published', 'conversions') }}
    where
        anonymous_session_count > 0
        and {{ asked_for('event_date') }}
        and {{ of_narrowed_session('first_session_id', any_day=true) }}
) as conversions
left join {{ source('published', 'sessions') }} as sessions
    on conversions.site_id = sessions.site_id and conversions.session_id = sessions.session_id
-- Whether a pruned session was a robot's is unknown: it counts as a person's.
where not coalesce(sessions.is_bot, false)
group by conversions.site_id
order by conversions.site_id
