{# The text under the top-level key that a column holds, of a JSON object in a mart; null where it is missing. #}
{% macro json_text_by(column, key) %}{{ return(adapter.dispatch('json_text_by')(column, key)) }}{% endmacro %}

{% macro postgres__json_text_by(column, key) %}{{ return("(" ~ column ~ " ->> " ~ key ~ ")") }}{% endmacro %}

{% macro spark__json_text_by(column, key) %}{{ return(text_of_json(json_members(column) ~ "[" ~ key ~ "]")) }}{% endmacro %}
