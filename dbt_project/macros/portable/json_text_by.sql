{# As json_text, of the key that a column holds. #}
{% macro json_text_by(column, key) %}{{ return(adapter.dispatch('json_text_by')(column, key)) }}{% endmacro %}

{% macro postgres__json_text_by(column, key) %}{{ return("(" ~ column ~ " ->> " ~ key ~ ")") }}{% endmacro %}

{% macro spark__json_text_by(column, key) %}{{ return("get_json_object(" ~ column ~ ", concat('$.', " ~ key ~ "))") }}{% endmacro %}
