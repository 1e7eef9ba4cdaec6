{#
    Spark: a cell of a unit test's fixture, which is written as PostgreSQL reads it: {a,b} is an array, and properties of
    events are an object.
#}
{% macro spark__safe_cast(field, type) -%}
    {%- if field == 'null' or not field is string -%}
        cast({{ field }} as {{ type }})
    {%- elif type.startswith('array') -%}
        cast(array({% for value in field.strip("'{}").split(',') if value %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %}) as {{ type }})
    {%- elif type == 'map<string,string>' -%}
        {{ json_members(field) }}
    {%- else -%}
        cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("\\", "\\\\") | replace("'", "\\'") }}
{%- endmacro %}
