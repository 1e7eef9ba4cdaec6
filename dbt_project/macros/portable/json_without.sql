{# A JSON object of events without some of its top-level keys. #}
{% macro json_without(column, keys) %}{{ return(adapter.dispatch('json_without')(column, keys)) }}{% endmacro %}

{% macro postgres__json_without(column, keys) %}{{ return(column ~ " - '{" ~ keys | join(',') ~ "}'::text []") }}{% endmacro %}

{% macro spark__json_without(column, keys) -%}
    {%- if keys -%}
        map_filter({{ column }}, (key, value) -> key not in ('{{ keys | join("', '") }}'))
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}
