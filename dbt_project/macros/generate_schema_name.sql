{#
    The schemas have the same names in every environment; environments differ by database. In target `published` the
    name of a mart means the published table, and not its candidate; in `with_today` it means the view of that table with
    the open day. Target `today` builds all models in one schema, beside a night that builds candidates.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set read = {'published': 'marts', 'with_today': 'with_today'} -%}
    {%- if target.name == 'today' -%}
        today_build
    {%- elif target.name in read and custom_schema_name == 'audit' -%}
        {{ read[target.name] }}
    {%- else -%}
        {{ custom_schema_name or target.schema }}
    {%- endif -%}
{%- endmacro %}
