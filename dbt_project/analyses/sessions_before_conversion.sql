-- Which anonymous sessions did a new user have? Of the converting session, the part before it is.
select
    conversions.site_id,
    conversions.user_id,
    conversions.converted_at,
    sessions.session_id,
    sessions.started_at,
    sessions.duration_seconds,
    sessions.page_view_count,
    {{ anonymous_seconds('sessions') }} as anonymous_seconds,
    {{ anonymous_page_views('sessions') }} as anonymous_page_view_count,
    sessions.landing_page,
    sessions.referrer,
    sessions.channel,
    sessions.source
from (
    select * from {{ source('published', 'conversions') }}
    where {{ asked_for('event_date') }}
) as conversions
inner join {{ source('published', 'sessions') }} as sessions
    on
        conversions.site_id = sessions.site_id
        and conversions.visitor_id = sessions.visitor_id
        and (
            conversions.converted_at > sessions.started_at
            or (conversions.session_id = sessions.session_id and sessions.anonymous_page_view_count > 0)
        )
where not sessions.is_bot
order by
    conversions.converted_at desc, conversions.site_id asc, conversions.user_id asc, sessions.started_at asc
limit {{ asked('rows') }}
