{#
    The schemas have the same names in every environment; environments differ by database. In target `published` the
    name of a mart means the published table, and not its candidate.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ 'marts' if target.name == 'published' and custom_schema_name == 'audit' else custom_schema_name or target.schema }}
{%- endmacro %}
