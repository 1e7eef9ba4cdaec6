{#
    Condition of the analyses: keeps the rows of the chosen site and of its last published days. Without `site` it keeps
    the rows of all sites, and with `days` 0 those of all time. Who may read no daily figures asks of the last days.
#}
{% macro asked_for(day) -%}
    {{ of_site() }}
    and (
        {{ asked('days') }} = 0
        or {{ day }} > coalesce((
            select max(event_date) from {{ source('published', 'daily_stats') }}
            where {{ of_site() }}
        ), current_date) - {{ asked('days') }}
    )
{%- endmacro %}
