{#
    Query: the distinct hashes in several sketches of each of the keys, below the least of their thresholds: up to
    there all of them know every hash.
#}
{% macro hashes_below(sketches, keys) -%}
select distinct
    {{ keys | join(',\n    ') }},
    least_threshold as threshold,
    listed.visitor_hash
from (
    select
        *,
        min(threshold) over (partition by {{ keys | join(', ') }}) as least_threshold
    from {{ sketches }}
) as thresholds_compared
cross join lateral {{ numbers_in('least_hashes') }} as listed (visitor_hash)
where least_threshold is null or listed.visitor_hash < least_threshold
{%- endmacro %}
