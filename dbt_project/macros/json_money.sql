{#
    A top-level key of a JSON column as an amount of money, rounded to four decimals; null where it is negative, has
    more than twelve digits before the point, or is no plain number.
#}
{% macro json_money(column, key) -%}
    case
        when {{ matches(json_text(column, key), '^[0-9]{1,12}([.][0-9]+)?$') }}
            then cast({{ json_text(column, key) }} as numeric(18, 4))
    end
{%- endmacro %}
