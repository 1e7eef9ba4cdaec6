{#
    Join condition: `sessions` that start within a run of `border_runs`. Their column `day` holds the day of that run.
    The event id decides between sessions that start at one instant.
#}
{% macro starts_within(sessions, border_runs, day='event_date') -%}
    {{ sessions }}.site_id = {{ border_runs }}.site_id
    and {{ sessions }}.visitor_id = {{ border_runs }}.visitor_id
    and {{ sessions }}.{{ day }} = {{ border_runs }}.event_date
    and (
        {{ sessions }}.started_at > {{ border_runs }}.from_at
        or (
            {{ sessions }}.started_at = {{ border_runs }}.from_at
            and {{ sessions }}.first_event_id >= {{ border_runs }}.from_event_id
        )
    )
    and (
        {{ sessions }}.started_at < {{ border_runs }}.to_at
        or (
            {{ sessions }}.started_at = {{ border_runs }}.to_at
            and {{ sessions }}.first_event_id <= {{ border_runs }}.to_event_id
        )
    )
{%- endmacro %}
