{# The text of a top-level key of a JSON column; null where it is missing. #}
{% macro json_text(column, key) %}{{ return(adapter.dispatch('json_text')(column, key)) }}{% endmacro %}

{% macro postgres__json_text(column, key) %}{{ return(column ~ " #>> '{" ~ key ~ "}'") }}{% endmacro %}

{% macro spark__json_text(column, key) %}{{ return("get_json_object(" ~ column ~ ", '$." ~ key ~ "')") }}{% endmacro %}
