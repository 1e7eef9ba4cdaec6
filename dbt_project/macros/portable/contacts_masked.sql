{# A text in which the values of these JSON keys are masked, at any depth. The text may be JSON, or hold some. #}
{% macro contacts_masked(text, keys) %}{{ return(adapter.dispatch('contacts_masked')(text, keys)) }}{% endmacro %}

{% macro postgres__contacts_masked(text, keys) -%}
    regexp_replace({{ text }}, '{{ contact_pattern(keys | join('|'), '\\s', '*') }}', '\1"[contact]"', 'gi')
{%- endmacro %}

{#
    Java repeats a group by a call for each time, and has no room for some thousands: unless it may not go back (`*+`).
    Its `(?i)` knows no letters but those of ASCII, and with `u` more than PostgreSQL's, so each letter stands in both cases.
#}
{% macro spark__contacts_masked(text, keys) -%}
    {%- set cases = [] -%}
    {%- for letter in keys | join('|') -%}
        {%- set small, capital = letter | lower, letter | upper -%}
        {%- do cases.append(
            letter if small == capital or (small ~ capital) | length > 2 else '[' ~ small ~ capital ~ ']'
        ) -%}
    {%- endfor -%}
    regexp_replace({{ text }}, r'(?s){{ contact_pattern(cases | join, '\\p{IsWhite_Space}', '*+') }}', '$1"[contact]"')
{%- endmacro %}

{# Whole values only, so that what was JSON stays JSON: lists and objects down to a third level. #}
{% macro contact_pattern(keys, space, any_number) -%}
    {%- set text = '"(?:[^"\\\\]|\\\\.)' ~ any_number ~ '"' -%}
    {%- set nested = namespace(any='') -%}
    {%- for _ in range(3) -%}
        {%- set inside = '(?:[^\\]\\[{}"]|' ~ text ~ nested.any ~ ')' ~ any_number -%}
        {%- set nested.any = '|\\[' ~ inside ~ '\\]|\\{' ~ inside ~ '\\}' -%}
    {%- endfor -%}
    ("(?:{{ keys }})"{{ space }}*:{{ space }}*)(?:{{ text }}|-?[0-9.]+{{ nested.any }})
{%- endmacro %}
