{#
    Query: the hashes in sketches that have one number, below the least of their thresholds: up to there all of them
    know every hash. Use the query of numbered_sketches: a number is sorted in a third of the time of its keys.
#}
{% macro hashes_below(numbered) -%}
select
    numbered.sketch_number,
    numbered.least_threshold as threshold,
    listed.visitor_hash
from {{ numbered }} as numbered
cross join lateral {{ numbers_in('numbered.least_hashes') }} as listed (visitor_hash)
where numbered.least_threshold is null or listed.visitor_hash < numbered.least_threshold
{%- endmacro %}
