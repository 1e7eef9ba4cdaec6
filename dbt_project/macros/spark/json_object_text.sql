{# Spark: name, value as JSON → one JSON object, written as PostgreSQL writes a jsonb: short names first, then by their bytes. #}
{% macro json_object_text(entries, name='name') -%}
    '{' || array_join(transform(
        sort_array(transform({{ entries }}, entry -> struct(octet_length(entry.{{ name }}), entry.{{ name }} as name, entry.value))),
        entry -> {{ json_string_text('entry.name') }} || ': ' || entry.value
    ), ', ') || '}'
{%- endmacro %}

{# Spark: a text as JSON writes it. #}
{% macro json_string_text(text) %}{{ return("trim(both '[]' from to_json(array(" ~ text ~ ")))") }}{% endmacro %}
