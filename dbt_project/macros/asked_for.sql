{#
    Condition of the analyses: the rows of the site that is asked for, of the last days that are published. Without
    `site` of all sites, with `days` 0 of all time.
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
