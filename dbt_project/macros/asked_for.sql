{#
    Condition of the analyses: keeps the rows of the chosen site and of the last published days. Without `site` it keeps
    the rows of all sites, and with `days` 0 those of all time.
#}
{% macro asked_for(day) -%}
    {{ of_site() }}
    and (
        {{ asked('days') }} = 0
        or {{ day }} > (
            select max(event_date) from {{ source('published', 'daily_stats') }}
        ) - {{ asked('days') }}
    )
{%- endmacro %}
