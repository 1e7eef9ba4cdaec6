{#
    How dbt makes a view, in place of its own way: only if there is none that says the same, and then in one message;
    nothing is renamed. See table.sql. People read a view of schema live: making it anew would wait for them, and all
    others would wait for that.
#}
{% materialization view, adapter='postgres' -%}
    {%- set fresh = this.incorporate(type='view') -%}
    {%- if is_as_wanted(fresh, sql) -%}
        {% call statement('main', auto_begin=False) -%}
            rollback
        {%- endcall %}
    {%- else -%}
        {% call statement('main', auto_begin=False) -%}
            rollback;
            begin;
            {{ drop_in_its_own_transaction(load_cached_relation(this)) }}
            {{ get_create_view_as_sql(fresh, sql) }};
            commit
        {%- endcall %}
    {%- endif -%}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}

{# Whether the view is there and means the same, as PostgreSQL has understood both. A table by that name does not. #}
{% macro is_as_wanted(fresh, sql) -%}
    {% call statement('compared', fetch_result=True, auto_begin=False) -%}
        create temporary view wanted_view as ({{ sql }});
        select
            relkind = 'v' and pg_get_viewdef(oid) = pg_get_viewdef('pg_temp.wanted_view'::regclass)
        from pg_class
        where oid = to_regclass('{{ fresh.schema }}.{{ fresh.identifier }}')
    {%- endcall %}
    {%- set found = load_result('compared')['data'] -%}
    {{ return(found | length > 0 and found[0][0]) }}
{%- endmacro %}
