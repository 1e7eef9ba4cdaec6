{#
    A `sql_header` for models that read raw events. Of a day that was just loaded the planner has no statistics: it took
    103,460 events for a few, and went through all of them once for each of 429 visitors. Loops save nothing here.
#}
{% macro without_nested_loops() -%}
    set local enable_nestloop = off;
{%- endmacro %}
