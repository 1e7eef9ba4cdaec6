{# Spark: tables of a candidate are Parquet. #}
{% macro spark__file_format_clause() -%}
    using parquet
{%- endmacro %}
