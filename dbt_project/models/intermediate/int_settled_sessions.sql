-- One row per session of the days in scope, as they will be once the candidates are published. Bots are left
-- out.
{{ config(materialized='view', post_hook=[]) }}
{% set columns = [
    'site_id', 'session_id', 'session_date', 'visitor_id', 'start_cause', 'duration_seconds', 'page_view_count', 'is_engaged',
    'landing_page', 'referrer_host', 'utm_source', 'device_type', 'widget_loaded_count', 'widget_opened_count',
    'messages_sent_count', 'messages_received_count', 'response_count', 'response_ms_total', 'had_conversation',
    'error_count',
] %}

with

candidates as (

    select * from {{ ref('sessions') }}

),

staying as (

    select published_sessions.*
    from {{ source('published', 'sessions') }} as published_sessions
    inner join {{ ref('scope_days') }} as scope_days
        on
            published_sessions.site_id = scope_days.site_id
            and published_sessions.session_date = scope_days.stat_date
    left join {{ ref('scope_sessions') }} as scope_sessions
        on
            published_sessions.site_id = scope_sessions.site_id
            and published_sessions.session_id = scope_sessions.session_id
    where scope_sessions.session_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
