-- The newest sessions, page by page: `page` 2 holds the next `rows`.
with

newest as (

    {{ newest('sessions', 'started_at', 'session_id') }}

)

select
    sessions.site_id,
    sessions.session_id,
    sessions.visitor_id,
    sessions.user_id,
    sessions.started_at,
    sessions.ended_at,
    sessions.duration_seconds,
    sessions.page_view_count,
    sessions.event_count,
    sessions.is_engaged,
    sessions.landing_page,
    sessions.exit_page,
    sessions.channel,
    sessions.source,
    sessions.device_type,
    sessions.browser,
    sessions.os,
    sessions.country_code,
    sessions.city,
    sessions.messages_sent_count,
    sessions.messages_received_count,
    sessions.end_cause,
    newest.total
from newest
inner join {{ source('published', 'sessions') }} as sessions
    on newest.site_id = sessions.site_id and newest.session_id = sessions.session_id
order by newest.started_at desc, newest.site_id asc, newest.session_id asc
