{# Whole milliseconds from one moment to a later one, cut off. #}
{% macro milliseconds_between(earlier, later) -%}
    cast(floor(({{ epoch_microseconds(later) }} - {{ epoch_microseconds(earlier) }}) / 1000.0) as bigint)
{%- endmacro %}
