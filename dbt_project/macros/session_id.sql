{# The same for the same start on every build. The length keeps two ids from being cut elsewhere and read as the same. #}
{% macro session_id(site_id, visitor_id, started_at, first_event_id) -%}
    md5(
        {{ site_id }} || '|' || cast({{ epoch_microseconds(started_at) }} as {{ dbt.type_string() }})
        || '|' || cast(length({{ visitor_id }}) as {{ dbt.type_string() }})
        || '|' || {{ visitor_id }} || '|' || {{ first_event_id }}
    )
{%- endmacro %}
