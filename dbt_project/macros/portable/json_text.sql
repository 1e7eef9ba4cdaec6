{#
    The text of a top-level key of a JSON column of events; null where it is missing.

    On Spark such a column is a map of each key to its value as JSON, as PostgreSQL writes it. Read as numbers,
    12345678.9 would become 1.23456789E7.
#}
{% macro json_text(column, key) %}{{ return(adapter.dispatch('json_text')(column, key)) }}{% endmacro %}

{% macro postgres__json_text(column, key) %}{{ return(column ~ " #>> '{" ~ key ~ "}'") }}{% endmacro %}

{% macro spark__json_text(column, key) %}{{ return(text_of_json(column ~ "['" ~ key ~ "']")) }}{% endmacro %}
