{# Whether a text matches a regular expression; null where either is null. Its `$` is the end, its `.` any character. #}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}

{% macro postgres__matches(text, pattern) %}{{ return("(" ~ text ~ ") ~ '" ~ pattern ~ "'") }}{% endmacro %}

{# Java's `$` also matches before a line feed at the end. #}
{% macro spark__matches(text, pattern) %}{{ return("(" ~ text ~ ") rlike r'(?s)" ~ pattern | replace("$", "\\z") ~ "'") }}{% endmacro %}
