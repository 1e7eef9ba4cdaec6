{#
    Condition of the analyses on the time of events, by which an index finds them: from `since` on, before `until`, and
    newest first after the event that `after_at`, `after_session` and `after_position` name. Bounds stand in queries of
    their own: row-level security lets an index use these, but not the functions in them.
#}
{% macro happened_as_asked() -%}
{%- set after = "coalesce(cast(" ~ asked('after_at') ~ " as timestamptz), 'infinity')" -%}
    occurred_at >= (select {{ earliest_as_asked() }})
    and occurred_at <= (select {{ latest_as_asked() }})
    and occurred_at < coalesce(cast({{ asked('until') }} as timestamptz), 'infinity')
    and (occurred_at, session_id, position)
    < ({{ after }}, cast({{ asked('after_session') }} as text), cast({{ asked('after_position') }} as integer))
{%- endmacro %}
