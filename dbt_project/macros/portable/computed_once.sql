{#
    The end of a step that several later ones read. PostgreSQL computes such a step once. Spark would compute it for each of
    them, and plan a chain of such steps for minutes, unless it may give something else each time.
#}
{% macro computed_once(begins='where') %}{{ return(adapter.dispatch('computed_once')(begins)) }}{% endmacro %}

{% macro postgres__computed_once(begins) %}{{ return('') }}{% endmacro %}

{% macro spark__computed_once(begins) %}{{ return(' ' ~ begins ~ ' rand() >= 0') }}{% endmacro %}
