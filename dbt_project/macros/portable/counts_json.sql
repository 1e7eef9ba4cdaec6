{#
    A group's names with their counts as one JSON object, {"name": count, …}, among rows where `condition` holds; null
    where there are none. Each name must stand in one row only.
#}
{% macro counts_json(name, count, condition='true') %}{{ return(adapter.dispatch('counts_json')(name, count, condition)) }}{% endmacro %}

{% macro postgres__counts_json(name, count, condition) -%}
    jsonb_object_agg({{ name }}, {{ count }}) filter (where {{ condition }})
{%- endmacro %}

{% macro spark__counts_json(name, count, condition) -%}
    case
        when count_if({{ condition }}) > 0 then {{ json_object_text(
            "collect_list(struct(" ~ name ~ " as name, cast(" ~ count ~ " as string) as value)) filter (where " ~ condition ~ ")"
        ) }}
    end
{%- endmacro %}
