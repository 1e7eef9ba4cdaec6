{#
    Whether a text matches a regular expression; null where either is null. Its `$` is the end, its `.` any character. What
    follows a group that is repeated must not need a part of it.
#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}

{% macro postgres__matches(text, pattern) %}{{ return("(" ~ text ~ ") ~ '" ~ pattern ~ "'") }}{% endmacro %}

{#
    Java's `$` also matches before a line feed at the end. It repeats a group by a call for each time, and an address with a
    thousand signs would end the process: unless the group may not give anything back (`*+`).
#}
{% macro spark__matches(text, pattern) -%}
    ({{ text }}) rlike r'(?s){{ pattern | replace("$", "\\z") | replace(")*", ")*+") }}'
{%- endmacro %}
