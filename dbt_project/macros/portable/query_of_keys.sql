{# The part of a query that has these keys, in their order; null where there is none. #}
{% macro query_of_keys(query, keys) %}{{ return(adapter.dispatch('query_of_keys')(query, keys)) }}{% endmacro %}

{% macro postgres__query_of_keys(query, keys) -%}
    case
        when {{ query }} is not null and cardinality({{ keys }}) > 0
            then raw.query_of_keys({{ query }}, {{ keys }})
    end
{%- endmacro %}

{% macro spark__query_of_keys(query, keys) -%}
    nullif(array_join(flatten(transform(
        array_distinct({{ keys }}), name -> filter(split({{ query }}, '&'), pair -> split_part(pair, '=', 1) = name)
    )), '&'), '')
{%- endmacro %}
