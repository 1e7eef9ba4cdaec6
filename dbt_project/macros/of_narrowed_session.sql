{#
    Condition of the analyses: keeps what belongs to the sessions that `narrowed_sessions` keeps, and all rows where
    nothing is narrowed. `session` is the column that names the session. With `any_day`, it may have been on any day.
#}
{% macro of_narrowed_session(session='session_id', any_day=false) -%}
    (not ({{ is_narrowed() }}) or (site_id, {{ session }}) in (
        select
            narrowed.site_id,
            narrowed.session_id
        from ({{ narrowed_sessions(any_day) }}) as narrowed
    ))
{%- endmacro %}
