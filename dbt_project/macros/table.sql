{#
    How dbt makes a table, in place of its own way on PostgreSQL. No reader uses a candidate while it is built, so the
    old table is dropped first. dbt's own renames, for forty tables, took a quarter of a small night's time in dbt.

    The new table is analyzed at once. Autovacuum would otherwise analyze and vacuum it within a minute, and take a core
    from the build for a table that lives for one night.
#}
{% materialization table, adapter='postgres' -%}
    {%- set old = load_cached_relation(this) -%}
    {%- if old is not none -%}
        {% call statement(auto_begin=False) -%}
            drop {{ old.type }} if exists {{ old }} cascade;
            commit
        {%- endcall %}
        {% do adapter.cache_dropped(old) %}
    {%- endif -%}
    {%- set fresh = this.incorporate(type='table') -%}
    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, fresh, sql) }}
    {%- endcall %}
    {% call statement() -%}
        alter table {{ fresh }} set (autovacuum_enabled = false);
        analyze {{ fresh }}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [fresh]}) }}
{%- endmaterialization %}
