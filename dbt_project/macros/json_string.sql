{# The text of a top-level key of a JSON column, cut off after `most` characters; null where it is missing or empty. #}
{% macro json_string(column, key, most) -%}
    nullif(left({{ json_text(column, key) }}, {{ most }}), '')
{%- endmacro %}
