{#
    How dbt makes a view, in place of its own way: only if there is none that means the same, as PostgreSQL has understood
    both, and in one message; nothing is renamed. See table.sql. People read a view of schema live: making it anew would
    wait for them, and all others would wait for that.
#}
{% materialization view, adapter='postgres' -%}
    {%- set fresh = this.incorporate(type='view') -%}
    {%- do drop_another_kind(fresh, load_cached_relation(this)) -%}
    {% call statement('main', auto_begin=False) -%}
        commit;
        begin;
        do $make_view$
        begin
            create temporary view wanted_view as ({{ sql }});
            if not exists (
                select from pg_class
                where
                    oid = to_regclass('{{ fresh.schema }}.{{ fresh.identifier }}')
                    and relkind = 'v'
                    and pg_get_viewdef(oid) = pg_get_viewdef('pg_temp.wanted_view'::regclass)
            ) then
                drop view if exists {{ fresh }} cascade;
                {{ get_create_view_as_sql(fresh, sql) }}
            end if;
            drop view pg_temp.wanted_view;
        end
        $make_view$;
        commit
    {%- endcall %}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}
