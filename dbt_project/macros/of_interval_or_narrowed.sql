{#
    Condition of the analyses: keeps what happened in the rolling `interval`; with interval all, that of the days asked
    for if the question is narrowed to some sessions. Otherwise daily figures have it.
#}
{% macro of_interval_or_narrowed(happened_at) -%}
    (
        ({{ happened_at }} >= {{ asked_since() }} and event_date >= cast({{ asked_since() }} as date) - 3)
        or ({{ asked('interval') }} = 'all' and ({{ is_narrowed() }}) and {{ asked_for('event_date') }})
    )
    and {{ of_narrowed_session(any_day=true) }}
{%- endmacro %}
