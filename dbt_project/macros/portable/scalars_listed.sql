{#
    Table of the top-level keys of a JSON object in a mart whose values are texts, numbers or true and false, each with
    its value as text. Use after `cross join lateral`.
#}
{% macro scalars_listed(column) %}{{ return(adapter.dispatch('scalars_listed')(column)) }}{% endmacro %}

{% macro postgres__scalars_listed(column) -%}
    (
        select
            members.key,
            members.value #>> '{}'
        from jsonb_each({{ column }}) as members
        where jsonb_typeof(members.value) in ('string', 'number', 'boolean')
    )
{%- endmacro %}

{% macro spark__scalars_listed(column) -%}
    (
        select explode(transform_values(
            map_filter({{ json_members(column) }}, (key, value) -> left(value, 1) not in ('{', '[', 'n')),
            (key, value) -> {{ text_of_json('value') }}
        ))
    )
{%- endmacro %}
