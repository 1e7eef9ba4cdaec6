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

{# Read as texts, numbers keep their digits; read as variants, values know what they are. #}
{% macro spark__scalars_listed(column) -%}
    (
        select explode(map_filter(
            map_zip_with(
                from_json({{ column }}, 'map<string, string>'),
                from_json({{ column }}, 'map<string, variant>'),
                (key, value, kind) -> case
                    when schema_of_variant(kind) not like 'OBJECT%' and schema_of_variant(kind) not like 'ARRAY%' then value
                end
            ),
            (key, value) -> value is not null
        ))
    )
{%- endmacro %}
