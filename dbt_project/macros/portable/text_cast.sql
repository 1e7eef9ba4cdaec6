{#
    A text that was found to be a number, as one. Spark may compute both sides of an `and`, also where the first says that
    the text is none; there what cannot be cast is null.
#}
{% macro text_cast(text, type) %}{{ return(adapter.dispatch('text_cast')(text, type)) }}{% endmacro %}

{% macro postgres__text_cast(text, type) %}{{ return("cast(" ~ text ~ " as " ~ type ~ ")") }}{% endmacro %}

{% macro spark__text_cast(text, type) %}{{ return("try_cast(" ~ text ~ " as " ~ type ~ ")") }}{% endmacro %}
