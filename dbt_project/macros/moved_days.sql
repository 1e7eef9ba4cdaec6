{#
    The days of each site from which or to which a mart's rows move, and those on which one changes its figures. A row
    moves or changes when one of its `columns`, such as the id of what came first, differs between the published row and
    the candidate. Where only one of the two exists, the row vanishes or appears, and its day counts as well. `replaced`
    holds the keys whose rows publishing replaces.
#}
{% macro moved_days(mart, replaced, columns, cause) %}
{%- set keys = keys_of(replaced) | join(', ') %}
{%- for side in ('published_rows', 'candidates') %}
    select
        site_id,
        {{ side }}.event_date,
        '{{ cause }}' as cause
    from {{ ref(replaced) }} as replaced
    left join {{ source('published', mart) }} as published_rows using ({{ keys }})
    left join {{ ref(mart) }} as candidates using ({{ keys }})
    where
        {% for column in columns -%}
            published_rows.{{ column }} is distinct from candidates.{{ column }}
            {{ 'or ' if not loop.last }}
        {%- endfor %}
{%- if not loop.last %}
    union
{%- endif %}
{%- endfor %}
{% endmacro %}
