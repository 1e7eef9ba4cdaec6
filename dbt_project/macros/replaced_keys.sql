{#
    The keys whose published rows are replaced: those of all candidates, and those of the published rows of `mart` that
    are replaced by way of the keys in `by`. Only so are rows replaced whose candidate came from elsewhere, and rows
    deleted that have no candidate any more. `name` is the model that this makes; rows without its last key have none.
#}
{% macro replaced_keys(name, mart, by, candidates=none) %}
{%- set keys = keys_of(name) -%}
select {{ keys | join(', ') }}
from {{ ref(candidates or mart) }}
where {{ keys | last }} is not null
union
select published.{{ keys | join(', published.') }}
from {{ source('published', mart) }} as published
inner join {{ ref(by) }} as replaced on {{ same_keys(by, 'published', 'replaced') }}
where published.{{ keys | last }} is not null
{%- endmacro %}
