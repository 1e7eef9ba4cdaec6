{# Join condition: a session starts within a span of int_border_runs. Of starts at one instant the event id decides. #}
{% macro starts_within(session, span, day="event_date") -%}
    {{ session }}.site_id = {{ span }}.site_id
    and {{ session }}.visitor_id = {{ span }}.visitor_id
    and {{ session }}.{{ day }} = {{ span }}.event_date
    and (
        {{ session }}.started_at > {{ span }}.from_at
        or ({{ session }}.started_at = {{ span }}.from_at and {{ session }}.first_event_id >= {{ span }}.from_event_id)
    )
    and (
        {{ session }}.started_at < {{ span }}.to_at
        or ({{ session }}.started_at = {{ span }}.to_at and {{ session }}.first_event_id <= {{ span }}.to_event_id)
    )
{%- endmacro %}
