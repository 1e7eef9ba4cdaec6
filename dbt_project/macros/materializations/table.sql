{#
    How dbt makes a table, in place of its own way on PostgreSQL: in one message, because each of dbt's statements costs
    more of its time than a small table costs PostgreSQL. No reader uses a candidate while it is built, so the old table
    is dropped first, and nothing is renamed.

    The new table is analyzed at once. Autovacuum would otherwise analyze and vacuum it within a minute, and take a core
    from the build for a table that lives for one night.

    The message holds whatever state the database is in: nights repeat it (footfall/pipeline/statements.py).
#}
{% materialization table, adapter='postgres' -%}
    {%- set fresh = this.incorporate(type='table') -%}
    {% call statement('main', auto_begin=False) -%}
        {{ drop_in_its_own_transaction(fresh, load_cached_relation(this)) }}
        {{ get_create_table_as_sql(False, fresh, sql) }};
        alter table {{ fresh }} set (autovacuum_enabled = false);
        analyze {{ fresh }};
        commit
    {%- endcall %}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}

{# Drop a relation, whether dbt knows it or not, and begin the next transaction. #}
{% macro drop_in_its_own_transaction(fresh, old) -%}
        drop {{ 'table' if old is none else old.type }} if exists {{ fresh }} cascade;
    {%- if old is not none %}{% do adapter.cache_dropped(old) %}{% endif %}
        commit;
        begin;
{%- endmacro %}
