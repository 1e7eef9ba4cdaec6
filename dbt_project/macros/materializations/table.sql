{#
    How dbt makes a table, in place of its own way on PostgreSQL: in one message, because each of dbt's statements costs
    more of its time than a small table costs PostgreSQL. No reader uses a candidate while it is built, so the old table
    is dropped first, and nothing is renamed.

    The new table is analyzed at once. Autovacuum would otherwise analyze and vacuum it within a minute, and take a core
    from the build for a table that lives for one night.

    With the variable without_rows nothing is read: the table is as it would be, and empty. A build on Spark fills it.

    The message holds whatever state the database is in: nights repeat it (footfall/pipeline/statements.py).
#}
{% materialization table, adapter='postgres' -%}
    {%- set fresh = this.incorporate(type='table') -%}
    {%- do drop_another_kind(fresh, load_cached_relation(this)) -%}
    {%- set query = 'select * from (' ~ sql ~ ') as built where false' if var('without_rows', false) else sql -%}
    {% call statement('main', auto_begin=False) -%}
        {{ drop_in_its_own_transaction(fresh) }}
        {{ get_create_table_as_sql(False, fresh, query) }};
        alter table {{ fresh }} set (autovacuum_enabled = false);
        analyze {{ fresh }};
        commit
    {%- endcall %}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}

{# Drop a table, whether dbt knows it or not, and begin the next transaction. #}
{% macro drop_in_its_own_transaction(table) -%}
        drop table if exists {{ table }} cascade;
        commit;
        begin;
    {%- do adapter.cache_dropped(table) %}
{%- endmacro %}

{# Drop what has the name and is no table, or no view, as the model was one in another version. #}
{% macro drop_another_kind(fresh, old) -%}
    {%- if old is not none and old.type != fresh.type %}{% do adapter.drop_relation(old) %}{% endif -%}
{%- endmacro %}
