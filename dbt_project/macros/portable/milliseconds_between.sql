{# Whole milliseconds from one moment to a later one; a fraction is cut off. #}
{% macro milliseconds_between(earlier, later) %}{{ return(adapter.dispatch('milliseconds_between')(earlier, later)) }}{% endmacro %}

{# Converts the interval once: to convert both moments takes three times as long. #}
{% macro postgres__milliseconds_between(earlier, later) -%}
    cast(floor(extract(epoch from ({{ later }}) - ({{ earlier }})) * 1000) as bigint)
{%- endmacro %}

{% macro spark__milliseconds_between(earlier, later) -%}
    cast(floor(({{ epoch_microseconds(later) }} - {{ epoch_microseconds(earlier) }}) / 1000.0) as bigint)
{%- endmacro %}
