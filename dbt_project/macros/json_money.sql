{#
    A text as an amount, rounded to four decimals; null where it is negative, has more than twelve digits before the
    point, or is no plain number.
#}
{% macro plain_money(text) -%}
    case when {{ matches(text, '^[0-9]{1,12}([.][0-9]+)?$') }} then {{ text_cast(text, 'numeric(18, 4)') }} end
{%- endmacro %}

{# A top-level key of a JSON column as an amount of money. #}
{% macro json_money(column, key) %}{{ return(plain_money(json_text(column, key))) }}{% endmacro %}
