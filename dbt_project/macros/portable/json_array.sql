{# The array under a top-level key of a JSON column, as JSON; null where it is anything else. #}
{% macro json_array(column, key) %}{{ return(adapter.dispatch('json_array')(column, key)) }}{% endmacro %}

{% macro postgres__json_array(column, key) -%}
    case when jsonb_typeof({{ column }} -> '{{ key }}') = 'array' then {{ column }} -> '{{ key }}' end
{%- endmacro %}

{% macro spark__json_array(column, key) -%}
    case
        when json_array_length({{ json_text(column, key) }}) is not null then {{ json_text(column, key) }}
    end
{%- endmacro %}
