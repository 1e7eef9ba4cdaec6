{# Spark: contracts, seeds and fixtures are written in PostgreSQL's types. These are Spark's names for them; JSON is text. #}
{% macro spark_type(type) %}
    {%- set names = {'text': 'string', 'jsonb': 'string', 'uuid': 'string', 'inet': 'string', 'timestamptz': 'timestamp'} -%}
    {%- set element = type | lower | replace('[]', '') | trim -%}
    {%- set found = names.get(element, element | replace('numeric', 'decimal')) -%}
    {{ return('array<' ~ found ~ '>' if '[]' in type else found) }}
{% endmacro %}

{% macro spark__get_empty_schema_sql(columns) %}
    select
    {% for name in columns %}
        cast(null as {{ spark_type(columns[name]['data_type']) }}) as {{ name }}{{ ", " if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# As on PostgreSQL, any number of decimals will do: the table has those that its columns are cast to. #}
{% macro spark__format_column(column) -%}
    {%- set type = column.dtype.split('(')[0] -%}
    {{ return({'name': column.name, 'data_type': type, 'formatted': column.column.lower() ~ ' ' ~ type}) }}
{%- endmacro %}
