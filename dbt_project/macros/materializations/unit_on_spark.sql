{#
    How dbt runs a unit test on Spark, in place of its own way: the model's query makes a table, once, as it does in a
    build. dbt's own way names the query in a view and in a comparison, where Spark reads all steps anew at each place.
#}
{% materialization unit, adapter='spark' -%}
    {%- set rows = config.get('expected_rows') -%}
    {%- set actual = api.Relation.create(schema='unit_tests', identifier=this.identifier, type='table') -%}
    {%- do run_query('create schema if not exists ' ~ actual.schema) -%}
    {%- do run_query('drop table if exists ' ~ actual) -%}
    {%- do run_query('create table ' ~ actual ~ ' as ' ~ sql) -%}
    {%- set types, quoted = {}, {} -%}
    {%- for column in adapter.get_columns_in_relation(actual) -%}
        {%- do types.update({column.name: column.data_type}) -%}
        {%- do quoted.update({column.name: column.quoted}) -%}
    {%- endfor -%}
    {%- set tested = rows[0] | list if rows else types | list -%}
    {%- set tested_quoted = [] -%}
    {%- for name in tested %}{% do tested_quoted.append(quoted[name]) %}{% endfor -%}
    {%- set expected = config.get('expected_sql') or get_expected_sql(rows, types, quoted) -%}
    {% call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql('select * from ' ~ actual, expected, tested_quoted) }}
    {%- endcall %}
    {%- do run_query('drop table ' ~ actual) -%}
    {{ return({'relations': []}) }}
{%- endmaterialization %}
