{#
    Join condition: `sessions` that start within a run of `border_runs`. Their column `day` holds the day of that run.
    Of sessions that start at the run's first or last instant, those that start with an event of the run.
#}
{% macro starts_within(sessions, border_runs, day='event_date') -%}
    {{ sessions }}.site_id = {{ border_runs }}.site_id
    and {{ sessions }}.visitor_id = {{ border_runs }}.visitor_id
    and {{ sessions }}.{{ day }} = {{ border_runs }}.event_date
    and (
        {{ sessions }}.started_at > {{ border_runs }}.from_at
        or (
            {{ sessions }}.started_at = {{ border_runs }}.from_at
            and {{ is_one_of(sessions ~ '.first_event_id', border_runs ~ '.from_event_ids') }}
        )
    )
    and (
        {{ sessions }}.started_at < {{ border_runs }}.to_at
        or (
            {{ sessions }}.started_at = {{ border_runs }}.to_at
            and {{ is_one_of(sessions ~ '.first_event_id', border_runs ~ '.to_event_ids') }}
        )
    )
{%- endmacro %}
