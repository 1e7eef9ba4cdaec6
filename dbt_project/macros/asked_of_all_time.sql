{# Condition of the analyses: whether all that is kept is asked for, rather than some days. #}
{% macro asked_of_all_time() -%}
    ({{ asked('days') }} = 0 and coalesce(cast({{ asked('first') }} as date), cast({{ asked('last') }} as date)) is null)
{%- endmacro %}
