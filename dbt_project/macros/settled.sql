{#
    The rows of a mart on the days in scope as they will be once the candidates are published: the candidates, and what
    is published on those days and stays. Robots are left out.
#}
{% macro settled(mart, columns) %}
with

candidates as (

    select * from {{ ref(mart) }}

),

staying as (

    select published.*
    from {{ source('published', mart) }} as published
    inner join {{ ref('scope_days') }} as scope_days
        on published.site_id = scope_days.site_id and published.session_date = scope_days.stat_date
    left join {{ ref('scope_sessions') }} as scope_sessions
        on published.site_id = scope_sessions.site_id and published.session_id = scope_sessions.session_id
    where scope_sessions.session_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
{% endmacro %}
