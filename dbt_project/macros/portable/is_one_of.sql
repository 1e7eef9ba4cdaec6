{# Whether a value is in an array. #}
{% macro is_one_of(value, values) %}{{ return(adapter.dispatch('is_one_of')(value, values)) }}{% endmacro %}

{% macro postgres__is_one_of(value, values) -%}{{ value }} = any({{ values }}){%- endmacro %}

{# Also null is not among none. #}
{% macro spark__is_one_of(value, values) -%}
    case when size({{ values }}) = 0 then false else array_contains({{ values }}, {{ value }}) end
{%- endmacro %}
