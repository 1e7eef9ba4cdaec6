{# How many elements a JSON array has; null where it is null. #}
{% macro json_array_length(column) %}{{ return(adapter.dispatch('json_array_length')(column)) }}{% endmacro %}

{% macro postgres__json_array_length(column) %}{{ return("jsonb_array_length(" ~ column ~ ")") }}{% endmacro %}

{% macro spark__json_array_length(column) %}{{ return("json_array_length(" ~ column ~ ")") }}{% endmacro %}
