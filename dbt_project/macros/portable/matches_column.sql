{# Whether a text matches the regular expression in a column; null where either is null. As `matches` otherwise. #}
{% macro matches_column(text, column) %}{{ return(adapter.dispatch('matches_column')(text, column)) }}{% endmacro %}

{% macro postgres__matches_column(text, column) %}{{ return(text ~ " ~ " ~ column) }}{% endmacro %}

{% macro spark__matches_column(text, column) %}{{ return(text ~ " rlike '(?s)' || replace(" ~ column ~ ", '$', r'\\z')") }}{% endmacro %}
