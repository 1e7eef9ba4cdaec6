{# A top-level key of a JSON column as a whole number from 0 to 10^12, cut off; null where it is anything else. #}
{% macro json_count(column, key) -%}
    case
        when {{ matches(json_text(column, key), '^[0-9]{1,12}([.][0-9]{1,9})?$') }}
            then cast(floor(cast({{ json_text(column, key) }} as numeric(22, 9))) as bigint)
    end
{%- endmacro %}
