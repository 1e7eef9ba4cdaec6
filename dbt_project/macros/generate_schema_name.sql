{#
    The schemas have the same names in every environment; environments differ by database. Target `published` reads what
    people read: there a mart is what is published, not its candidate.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ 'marts' if target.name == 'published' and custom_schema_name == 'audit' else custom_schema_name or target.schema }}
{%- endmacro %}
