{# Whole days from one day to a later one. #}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}

{% macro postgres__days_between(earlier, later) %}{{ return("(" ~ later ~ " - " ~ earlier ~ ")") }}{% endmacro %}

{% macro spark__days_between(earlier, later) %}{{ return("datediff(" ~ later ~ ", " ~ earlier ~ ")") }}{% endmacro %}
