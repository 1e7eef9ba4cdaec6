-- Who signed in for the first time, and what did they do before?
select
    conversions.site_id,
    conversions.user_id,
    conversions.visitor_id,
    conversions.converted_at,
    conversions.landing_page,
    conversions.referrer,
    conversions.channel,
    conversions.source,
    conversions.medium,
    conversions.campaign,
    conversions.anonymous_session_count,
    conversions.anonymous_page_view_count,
    conversions.anonymous_seconds,
    count(*) over () as total
from (
    select * from {{ source('published', 'conversions') }}
    where
        {{ asked_for('event_date') }}
        and {{ of_narrowed_session('first_session_id', any_day=true) }}
) as conversions
left join {{ source('published', 'sessions') }} as sessions
    on conversions.site_id = sessions.site_id and conversions.session_id = sessions.session_id
-- Whether a pruned session was a robot's is unknown: it counts as a person's.
where not coalesce(sessions.is_bot, false)
order by conversions.converted_at desc, conversions.site_id asc, conversions.visitor_id asc
limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
