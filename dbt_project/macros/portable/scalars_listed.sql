{#
    Table of the top-level keys of a JSON object whose values are texts, numbers or true and false, each with its value as
    text. Use after `cross join lateral`.
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
        select
            members.key,
            cast(members.value as string)
        from variant_explode(parse_json({{ column }})) as members
        where not startswith(schema_of_variant(members.value), 'OBJECT')
            and not startswith(schema_of_variant(members.value), 'ARRAY')
            and schema_of_variant(members.value) <> 'VOID'
    )
{%- endmacro %}
