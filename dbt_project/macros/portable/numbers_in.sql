{# Table of the numbers in an array of numbers_listed. Use after `cross join lateral`. #}
{% macro numbers_in(column) %}{{ return(adapter.dispatch('numbers_in')(column)) }}{% endmacro %}

{% macro postgres__numbers_in(column) %}{{ return("unnest(" ~ column ~ ")") }}{% endmacro %}

{% macro spark__numbers_in(column) %}{{ return("(select explode(" ~ column ~ "))") }}{% endmacro %}
