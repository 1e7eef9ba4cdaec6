{#
    The days of each site from which or to which a mart's rows move. A row moves when its column `first`, the id of what
    came first, differs between the published row and the candidate. Where only one of the two exists, the row vanishes
    or appears, and its day counts as well. `replaced` holds the keys whose rows publishing replaces.
#}
{% macro moved_days(mart, replaced, first, cause) %}
{%- set keys = keys_of(replaced) | join(', ') %}
{%- for side in ('published_rows', 'candidates') %}
    select
        site_id,
        {{ side }}.event_date,
        '{{ cause }}' as cause
    from {{ ref(replaced) }} as replaced
    left join {{ source('published', mart) }} as published_rows using ({{ keys }})
    left join {{ ref(mart) }} as candidates using ({{ keys }})
    where published_rows.{{ first }} is distinct from candidates.{{ first }}
{%- if not loop.last %}
    union
{%- endif %}
{%- endfor %}
{% endmacro %}
