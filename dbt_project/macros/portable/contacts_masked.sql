{# A text in which the values of these JSON keys are masked, at any depth. The text may be JSON, or hold some. #}
{% macro contacts_masked(text, keys) %}{{ return(adapter.dispatch('contacts_masked')(text, keys)) }}{% endmacro %}

{% macro postgres__contacts_masked(text, keys) -%}
    regexp_replace({{ text }}, '{{ contact_pattern(keys) }}', '\1"[contact]"', 'gi')
{%- endmacro %}

{% macro spark__contacts_masked(text, keys) -%}
    regexp_replace({{ text }}, r'(?i){{ contact_pattern(keys) }}', '$1"[contact]"')
{%- endmacro %}

{% macro contact_pattern(keys) -%}
    ("(?:{{ keys | join('|') }})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|[0-9.]+)
{%- endmacro %}
