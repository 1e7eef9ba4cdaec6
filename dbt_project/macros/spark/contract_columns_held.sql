{#
    Spark: the columns of a mart in the order and in the types of its contract. A table of Parquet has no constraints, so
    that what must not be null is held to while the table is written.
#}
{% macro spark__get_select_subquery(sql) %}
    select
    {% for name, column in model['columns'].items() %}
        {%- set type = spark_type(column['data_type']) -%}
        {%- if column['constraints'] | selectattr('type', 'equalto', 'not_null') | list %}
        case
            when {{ name }} is null
                then raise_error('null value in column "{{ name }}" of relation "{{ this.identifier }}"')
            else cast({{ name }} as {{ type }})
        end as {{ name }}
        {%- else %}
        cast({{ name }} as {{ type }}) as {{ name }}
        {%- endif -%}
        {{ ", " if not loop.last }}
    {%- endfor %}
    from (
        {{ sql }}
    ) as model_subq
{% endmacro %}

{% macro spark__persist_constraints(relation, model) %}{% endmacro %}
