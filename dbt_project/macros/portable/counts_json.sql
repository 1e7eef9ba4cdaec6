{# A group's names with their counts as one JSON object, {"name": count, …}. #}
{% macro counts_json(name, count) %}{{ return(adapter.dispatch('counts_json')(name, count)) }}{% endmacro %}

{% macro postgres__counts_json(name, count) %}{{ return("jsonb_object_agg(" ~ name ~ ", " ~ count ~ ")") }}{% endmacro %}

{% macro spark__counts_json(name, count) -%}
    to_json(map_from_entries(collect_list(struct({{ name }}, {{ count }}))))
{%- endmacro %}
