{#
    A text as part of a mart's key: never null, and cut off where it would not fit an index entry (2,704 bytes for the
    whole key; a character has up to four).
#}
{% macro key_text(column, missing, most=100) -%}
    left(coalesce(nullif({{ column }}, ''), '{{ missing }}'), {{ most }})
{%- endmacro %}
