{# The array under a top-level key of a JSON column of events, as JSON; null where it is anything else. #}
{% macro json_array(column, key) %}{{ return(adapter.dispatch('json_array')(column, key)) }}{% endmacro %}

{% macro postgres__json_array(column, key) -%}
    case when jsonb_typeof({{ column }} -> '{{ key }}') = 'array' then {{ column }} -> '{{ key }}' end
{%- endmacro %}

{% macro spark__json_array(column, key) -%}
    case when {{ column }}['{{ key }}'] like '[%' then {{ column }}['{{ key }}'] end
{%- endmacro %}
