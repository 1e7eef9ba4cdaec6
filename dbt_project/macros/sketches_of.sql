{#
    Query: sketches of the hashes in a relation, one for each of the keys. A sketch is the least hashes, each once and in
    order, and the threshold below which they are all that there are: the next hash, or where all of them fit, the column
    `threshold` of the relation, which is the same in all rows of a key; null means that the sketch is the whole set.
#}
{% macro sketches_of(relation, keys) -%}
select
    {{ keys | join(',\n    ') }},
    coalesce(max(visitor_hash) filter (where place > {{ sketch_size() }}), max(threshold)) as threshold,
    {{ numbers_listed('visitor_hash', 'place <= ' ~ sketch_size()) }} as least_hashes
from (
    select
        *,
        dense_rank() over (partition by {{ keys | join(', ') }} order by visitor_hash) as place
    from {{ relation }}
) as hashes_placed
where place <= {{ sketch_size() }} + 1
group by {{ keys | join(', ') }}
{%- endmacro %}
