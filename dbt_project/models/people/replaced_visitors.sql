-- One row per visitor whose history the candidates change: with a candidate session, or with one that is
-- replaced.

with

sessions as (

    select * from {{ ref('int_sessions') }}

),

replaced as (

    select
        published_sessions.site_id,
        published_sessions.visitor_id
    from {{ source('published', 'sessions') }} as published_sessions
    inner join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            published_sessions.site_id = replaced_sessions.site_id
            and published_sessions.session_id = replaced_sessions.session_id

)

select
    site_id,
    visitor_id
from sessions
union
select
    site_id,
    visitor_id
from replaced
