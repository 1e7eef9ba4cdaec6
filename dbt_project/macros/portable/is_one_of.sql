{# Whether a value is in an array. #}
{% macro is_one_of(value, values) %}{{ return(adapter.dispatch('is_one_of')(value, values)) }}{% endmacro %}

{% macro postgres__is_one_of(value, values) -%}{{ value }} = any({{ values }}){%- endmacro %}

{% macro spark__is_one_of(value, values) -%}array_contains({{ values }}, {{ value }}){%- endmacro %}
