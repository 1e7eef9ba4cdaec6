{# Query: sketches with one number for those of the same keys, which become one, and the least of their thresholds. #}
{% macro numbered_sketches(sketches, keys) -%}
select
    *,
    dense_rank() over (order by {{ keys | join(', ') }}) as sketch_number,
    min(threshold) over (partition by {{ keys | join(', ') }}) as least_threshold
from {{ sketches }}
{%- endmacro %}
