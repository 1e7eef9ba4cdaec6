{# Whole seconds from one moment to a later one. #}
{% macro seconds_between(earlier, later) -%}
    cast(floor({{ quotient(milliseconds_between(earlier, later), 1000) }}) as integer)
{%- endmacro %}
