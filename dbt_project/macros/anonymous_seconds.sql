{# Whole seconds of a row of `sessions` before its user was known; all of them where none was. #}
{% macro anonymous_seconds(sessions) -%}
    case
        when {{ sessions }}.is_anonymous then {{ sessions }}.duration_seconds
        when {{ sessions }}.identified_at is not null
            then {{ seconds_between(sessions ~ '.started_at', sessions ~ '.identified_at') }}
        else 0
    end
{%- endmacro %}
