{#
    Condition of the analyses: keeps the rows of the chosen site and of its last published days, or of the days from
    `first` to `last`, where one of these is given. Without `site` it keeps the rows of all sites, and with `days` 0
    those of all time. Who may read no daily figures asks of the last days until today. The last of the published days
    stands in a query of its own: row-level security lets an index use it, but not the functions in it.
#}
{% macro asked_for(day) -%}
{%- set first, last = 'cast(' ~ asked('first') ~ ' as date)', 'cast(' ~ asked('last') ~ ' as date)' -%}
    {{ of_site() }}
    and ({{ first }} is null or {{ day }} >= {{ first }})
    and ({{ last }} is null or {{ day }} <= {{ last }})
    and (
        {{ asked('days') }} = 0
        or coalesce({{ first }}, {{ last }}) is not null
        or {{ day }} > (select coalesce((
            select max(event_date) from {{ source('published', 'daily_stats') }}
            where {{ of_site() }}
        ), current_date) - {{ asked('days') }})
    )
{%- endmacro %}
