{#
    Tell the planner of a table that was built. Autovacuum would come within a minute to do that and more, and take a core
    from the build for a table that lives for a night.
#}
{% macro analyze_once() -%}
    {% if model.config.materialized == 'table' -%}
        alter table {{ this }} set (autovacuum_enabled = false);
        analyze {{ this }}
    {%- endif %}
{%- endmacro %}
