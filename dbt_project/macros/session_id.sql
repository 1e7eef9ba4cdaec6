{#
    The same for the same start on every build: eight digits of the start's second, then of a hash. Ids of one day are
    neighbours in an index, which a night would otherwise touch all of. The length keeps two ids from being cut elsewhere
    and read as the same.
#}
{% macro session_id(site_id, visitor_id, started_at, first_event_id) -%}
    {{ hexadecimal('cast(' ~ epoch_microseconds(started_at) ~ ' / 1000000 as bigint)', 8) }} || left(md5(
        {{ site_id }} || '|' || cast({{ epoch_microseconds(started_at) }} as {{ dbt.type_string() }})
        || '|' || cast(length({{ visitor_id }}) as {{ dbt.type_string() }})
        || '|' || {{ visitor_id }} || '|' || {{ first_event_id }}
    ), 24)
{%- endmacro %}
