{#
    The rows of a mart on the days in scope as they will be once the candidates are published: the candidates, and what
    is published on those days and stays. Robots are left out.
#}
{% macro merged(mart, columns) %}
with

candidates as (

    select * from {{ ref(mart) }}

),

staying as (

    select published.*
    from {{ source('published', mart) }} as published
    inner join {{ ref('replaced_days') }} as replaced_days
        on published.site_id = replaced_days.site_id and published.event_date = replaced_days.event_date
    left join {{ ref('replaced_sessions') }} as replaced_sessions
        on published.site_id = replaced_sessions.site_id and published.session_id = replaced_sessions.session_id
    where replaced_sessions.session_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
{% endmacro %}
