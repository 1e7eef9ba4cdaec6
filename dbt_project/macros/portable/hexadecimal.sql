{# A whole number in `digits` hexadecimal digits. #}
{% macro hexadecimal(number, digits) %}{{ return(adapter.dispatch('hexadecimal')(number, digits)) }}{% endmacro %}

{% macro postgres__hexadecimal(number, digits) %}{{ return("lpad(to_hex(" ~ number ~ "), " ~ digits ~ ", '0')") }}{% endmacro %}

{% macro spark__hexadecimal(number, digits) %}{{ return("lpad(lower(hex(" ~ number ~ ")), " ~ digits ~ ", '0')") }}{% endmacro %}
