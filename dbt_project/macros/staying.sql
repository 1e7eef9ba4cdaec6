{#
    The from and where of a query for the rows that stay, named `published`: the published rows of a mart with keys in
    `within`, without those that publishing replaces because their keys are in `replaced`.
#}
{% macro staying(mart, replaced, within) -%}
from {{ source('published', mart) }} as published
inner join {{ ref(within) }} as within on {{ same_keys(within, 'published', 'within') }}
left join {{ ref(replaced) }} as replaced on {{ same_keys(replaced, 'published', 'replaced') }}
where replaced.site_id is null
{%- endmacro %}
