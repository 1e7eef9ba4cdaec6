{# The Monday of the ISO week of a day. #}
{% macro week_of(day) -%}
    cast(date_trunc('week', cast({{ day }} as timestamp)) as date)
{%- endmacro %}
