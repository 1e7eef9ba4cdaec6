{#
    A session's id, the same on every build: eight digits of the second in which it starts, then 24 of a hash. Ids of
    one day are neighbours in an index; with a mere hash a night would touch all of its pages. The length of the
    visitor's id is hashed as well, so that no two pairs of visitor and event make the same text.
#}
{% macro session_id(site_id, visitor_id, started_at, first_event_id) -%}
    {{ hexadecimal('cast(' ~ quotient(epoch_microseconds(started_at), 1000000) ~ ' as bigint)', 8) }} || left(md5(
        {{ site_id }} || '|' || cast({{ epoch_microseconds(started_at) }} as {{ dbt.type_string() }})
        || '|' || cast(length({{ visitor_id }}) as {{ dbt.type_string() }})
        || '|' || {{ visitor_id }} || '|' || {{ first_event_id }}
    ), 24)
{%- endmacro %}
