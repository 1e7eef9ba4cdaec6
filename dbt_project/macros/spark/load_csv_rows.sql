{#
    Spark: seeds as literals. dbt-spark puts values between quotes as they are, so that a backslash is lost and null
    becomes the text 'None'.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set sql %}
        insert into {{ this.render() }} values
        {% for row in agate_table.rows -%}
            (
            {%- for value in row -%}
                {%- if value is none -%}
                    null
                {%- elif value is number or value is boolean -%}
                    {{ value }}
                {%- else -%}
                    '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
                {%- endif -%}
                {{ ", " if not loop.last }}
            {%- endfor -%}
            ){{ "," if not loop.last }}
        {% endfor %}
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}

{# Its columns have the types that seeds.yml gives them, in PostgreSQL's words. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set given = model['config'].get('column_types', {}) -%}
    {% set sql %}
        create table {{ this.render() }} (
        {%- for name in agate_table.column_names -%}
            {{ name }} {{ spark_type(given.get(name, adapter.convert_type(agate_table, loop.index0))) }}
            {{- ", " if not loop.last }}
        {%- endfor -%}
        )
        {{ file_format_clause() }}
    {% endset %}
    {% call statement('_') -%}{{ sql }}{%- endcall %}
    {{ return(sql) }}
{% endmacro %}
