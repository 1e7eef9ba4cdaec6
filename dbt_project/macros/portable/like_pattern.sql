{# The pattern for `like` of a text in which * stands for any text; null of null. #}
{% macro like_pattern(column) %}{{ return(adapter.dispatch('like_pattern')(column)) }}{% endmacro %}

{% macro postgres__like_pattern(column) -%}
    replace(replace(replace(replace({{ column }}, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')
{%- endmacro %}

{% macro spark__like_pattern(column) -%}
    replace(replace(replace(replace({{ column }}, '\\', '\\\\'), '%', '\\%'), '_', '\\_'), '*', '%')
{%- endmacro %}
