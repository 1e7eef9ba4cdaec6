{# Whether a text matches a regular expression; null where either is null. #}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}

{% macro postgres__matches(text, pattern) %}{{ return("(" ~ text ~ ") ~ '" ~ pattern ~ "'") }}{% endmacro %}

{% macro spark__matches(text, pattern) %}{{ return("(" ~ text ~ ") rlike r'" ~ pattern ~ "'") }}{% endmacro %}
