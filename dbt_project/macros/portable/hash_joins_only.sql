{#
    A `sql_header` for models that read raw events. PostgreSQL's planner has no statistics of a day that was just loaded.
    It expected a few events where there were 103,460, and read all of them once for each of 429 visitors; where there
    were a million, it sorted both sides of a join by all their columns. A hash join costs little in any case.
#}
{% macro hash_joins_only() %}{{ return(adapter.dispatch('hash_joins_only')()) }}{% endmacro %}

{% macro postgres__hash_joins_only() -%}
    set local enable_nestloop = off;
    set local enable_mergejoin = off;
{%- endmacro %}

{% macro spark__hash_joins_only() %}{% endmacro %}
