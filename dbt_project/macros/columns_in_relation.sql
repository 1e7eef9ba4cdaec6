{#
    PostgreSQL: the columns of a relation with their types in full. dbt's own way calls any array ARRAY, so that no fixture
    of a unit test could have one.
#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {% call statement('get_columns_in_relation', fetch_result=True) %}
        select
            attname as column_name,
            format_type(atttypid, atttypmod) as data_type,
            null as character_maximum_length,
            null as numeric_precision,
            null as numeric_scale
        from pg_attribute
        where
            attrelid = to_regclass('{{ relation.include(database=false) }}')
            and attnum > 0
            and not attisdropped
        order by attnum
    {% endcall %}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{% endmacro %}
