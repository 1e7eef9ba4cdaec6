{#
    Moment before which no event is asked for: `since`, or before the days that are asked for, with room for any
    timezone.
#}
{% macro earliest_as_asked() -%}
{%- set first, last = 'cast(' ~ asked('first') ~ ' as date)', 'cast(' ~ asked('last') ~ ' as date)' -%}
    coalesce(
        greatest(
            cast({{ asked('since') }} as timestamptz),
            {{ first }} - 2,
            case when {{ asked('days') }} > 0 and coalesce({{ first }}, {{ last }}) is null then coalesce((
                select max(event_date) from {{ source('published', 'daily_stats') }}
                where {{ of_site() }}
            ), current_date) - {{ asked('days') }} - 2 end
        ),
        '-infinity'
    )
{%- endmacro %}
