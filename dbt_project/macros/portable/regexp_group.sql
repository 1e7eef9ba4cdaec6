{# What the first group of a regular expression matched; null where it did not match. #}
{% macro regexp_group(text, pattern) %}{{ return(adapter.dispatch('regexp_group')(text, pattern)) }}{% endmacro %}

{% macro postgres__regexp_group(text, pattern) %}{{ return("(regexp_match(" ~ text ~ ", '" ~ pattern ~ "'))[1]") }}{% endmacro %}

{# Empty where it did not match, so that the group must match one character at least. #}
{% macro spark__regexp_group(text, pattern) %}{{ return("nullif(regexp_extract(" ~ text ~ ", r'(?s)" ~ pattern ~ "', 1), '')") }}{% endmacro %}
