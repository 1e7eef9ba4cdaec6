-- One row per page view of the days in scope, as they will be once the candidates are published. Bots are
-- left out.
{{ config(materialized='view', post_hook=[]) }}
{% set columns = [
    'site_id', 'session_id', 'session_date', 'visitor_id', 'user_id', 'page_path', 'duration_seconds', 'is_entry',
    'is_exit', 'is_engaged_session', 'is_bounce',
] %}

with

candidates as (

    select * from {{ ref('page_visits') }}

),

staying as (

    select published_visits.*
    from {{ source('published', 'page_visits') }} as published_visits
    inner join {{ ref('scope_days') }} as scope_days
        on
            published_visits.site_id = scope_days.site_id
            and published_visits.session_date = scope_days.stat_date
    left join {{ ref('scope_sessions') }} as scope_sessions
        on
            published_visits.site_id = scope_sessions.site_id
            and published_visits.session_id = scope_sessions.session_id
    where scope_sessions.session_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
