{#
    The keys whose published rows are replaced: the keys of all candidates, and the keys of the published rows of `mart`
    that match a key in `by`. Through the first part rows are replaced whose published keys are not in `by`; through the
    second part rows are deleted that have no candidate any more. `name` is the model that this query builds. A row
    whose last key is null is left out.
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
