{#
    A `sql_header` for models with `cap_steps`. By a merge join, PostgreSQL compared each of 176,461 page views with each
    path of its day, 25 million pairs, because it expected few rows after a comparison of site and day.
#}
{% macro no_merge_joins() %}{{ return(adapter.dispatch('no_merge_joins')()) }}{% endmacro %}

{% macro postgres__no_merge_joins() -%}
    set local enable_mergejoin = off;
{%- endmacro %}

{% macro spark__no_merge_joins() %}{% endmacro %}
