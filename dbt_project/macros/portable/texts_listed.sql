{# Table of the texts in an array, each with its place from 1 on. Use after `cross join lateral`. #}
{% macro texts_listed(column) %}{{ return(adapter.dispatch('texts_listed')(column)) }}{% endmacro %}

{% macro postgres__texts_listed(column) %}{{ return("unnest(" ~ column ~ ") with ordinality") }}{% endmacro %}

{% macro spark__texts_listed(column) -%}
    (select inline(transform({{ column }}, (each, place) -> struct(each, place + 1))))
{%- endmacro %}
