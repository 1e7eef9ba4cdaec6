{#
    A `sql_header` for models that read raw events. The planner has no statistics of a day that was just loaded. It
    expected a few events where there were 103,460, and read all of them once for each of 429 visitors. Nested loops
    save nothing here.
#}
{% macro without_nested_loops() -%}
    set local enable_nestloop = off;
{%- endmacro %}
