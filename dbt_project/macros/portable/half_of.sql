{# 0 or 1, by a hash: two halves of the values of a text. #}
{% macro half_of(text) %}{{ return(adapter.dispatch('half_of')(text)) }}{% endmacro %}

{% macro postgres__half_of(text) %}{{ return("(hashtextextended(" ~ text ~ ", 0) & 1)") }}{% endmacro %}

{% macro spark__half_of(text) %}{{ return("pmod(xxhash64(" ~ text ~ "), 2)") }}{% endmacro %}
