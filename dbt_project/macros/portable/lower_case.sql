{#
    A text in lower case, character by character: a capital sigma knows no end of a word, and no capital becomes two
    characters. Java's lower case knows both.
#}
{% macro lower_case(text) %}{{ return(adapter.dispatch('lower_case')(text)) }}{% endmacro %}

{% macro postgres__lower_case(text) %}{{ return("lower(" ~ text ~ ")") }}{% endmacro %}

{% macro spark__lower_case(text) %}{{ return("lower(translate(" ~ text ~ ", 'İΣ', 'iσ'))") }}{% endmacro %}
