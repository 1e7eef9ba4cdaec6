{# A text in which the values of these JSON keys are masked, at any depth. The text may be JSON, or hold some. #}
{% macro contacts_masked(text, keys) %}{{ return(adapter.dispatch('contacts_masked')(text, keys)) }}{% endmacro %}

{% macro postgres__contacts_masked(text, keys) -%}
    regexp_replace({{ text }}, '{{ contact_pattern(keys) }}', '\1"[contact]"', 'gi')
{%- endmacro %}

{% macro spark__contacts_masked(text, keys) -%}
    regexp_replace({{ text }}, r'(?i){{ contact_pattern(keys) }}', '$1"[contact]"')
{%- endmacro %}

{# Whole values only, so that what was JSON stays JSON: lists and objects down to a third level. #}
{% macro contact_pattern(keys) -%}
    {%- set text = '"(?:[^"\\\\]|\\\\.)*"' -%}
    {%- set nested = namespace(any='') -%}
    {%- for _ in range(3) -%}
        {%- set inside = '(?:[^\\]\\[{}"]|' ~ text ~ nested.any ~ ')*' -%}
        {%- set nested.any = '|\\[' ~ inside ~ '\\]|\\{' ~ inside ~ '\\}' -%}
    {%- endfor -%}
    ("(?:{{ keys | join('|') }})"\s*:\s*)(?:{{ text }}|-?[0-9.]+{{ nested.any }})
{%- endmacro %}
