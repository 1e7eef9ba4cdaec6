{# A group's numbers as an array, in order, among rows where `condition` holds. #}
{% macro numbers_listed(column, condition) %}{{ return(adapter.dispatch('numbers_listed')(column, condition)) }}{% endmacro %}

{% macro postgres__numbers_listed(column, condition) -%}
    array_agg({{ column }} order by {{ column }}) filter (where {{ condition }})
{%- endmacro %}

{% macro spark__numbers_listed(column, condition) -%}
    sort_array(collect_list({{ column }}) filter (where {{ condition }}))
{%- endmacro %}
