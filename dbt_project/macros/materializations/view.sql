{# How dbt makes a view, in place of its own way: in one message, and nothing is renamed. See table.sql. #}
{% materialization view, adapter='postgres' -%}
    {%- set fresh = this.incorporate(type='view') -%}
    {% call statement('main', auto_begin=False) -%}
        {{ drop_in_its_own_transaction(load_cached_relation(this)) }}
        {{ get_create_view_as_sql(fresh, sql) }};
        commit
    {%- endcall %}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}
