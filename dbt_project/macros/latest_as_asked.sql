{#
    Moment after which no event is asked for: `until`, that of the last event of the page before, or after the days that
    are asked for, with room for any timezone.
#}
{% macro latest_as_asked() -%}
    coalesce(
        least(
            cast({{ asked('until') }} as timestamptz),
            cast({{ asked('after_at') }} as timestamptz),
            cast({{ asked('last') }} as date) + 3
        ),
        'infinity'
    )
{%- endmacro %}
