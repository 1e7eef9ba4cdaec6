{# A JSON object without some of its top-level keys. #}
{% macro json_without(column, keys) %}{{ return(adapter.dispatch('json_without')(column, keys)) }}{% endmacro %}

{% macro postgres__json_without(column, keys) %}{{ return(column ~ " - '{" ~ keys | join(',') ~ "}'::text []") }}{% endmacro %}

{% macro spark__json_without(column, keys) -%}
    to_json(map_filter(from_json({{ column }}, 'map<string, string>'), (key, value) -> key not in ('{{ keys | join("', '") }}')))
{%- endmacro %}
