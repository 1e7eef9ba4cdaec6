{#
    A number divided by another, for `floor` or a cast that cuts the fraction off; neither is negative. PostgreSQL cuts it
    off itself where both are integers. Spark would make a float of them.
#}
{% macro quotient(dividend, divisor) %}{{ return(adapter.dispatch('quotient')(dividend, divisor)) }}{% endmacro %}

{% macro postgres__quotient(dividend, divisor) %}{{ return(dividend ~ " / " ~ divisor) }}{% endmacro %}

{% macro spark__quotient(dividend, divisor) %}{{ return("(" ~ dividend ~ ") div (" ~ divisor ~ ")") }}{% endmacro %}
