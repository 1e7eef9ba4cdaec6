{# Spark: JSON as PostgreSQL writes it, without Spark's own reader, which makes floats of numbers. #}

{# Entries of name and value as JSON → one object. Short names come first, then they are in the order of their bytes. #}
{% macro json_object_text(entries, name='name') -%}
    '{' || array_join(transform(
        sort_array(transform(
            {{ entries }}, entry -> struct(octet_length(entry.{{ name }}), entry.{{ name }} as name, entry.value)
        )),
        entry -> {{ json_string_text('entry.name') }} || ': ' || entry.value
    ), ', ') || '}'
{%- endmacro %}

{# A text as JSON. #}
{% macro json_string_text(text) %}{{ return("trim(both '[]' from to_json(array(" ~ text ~ ")))") }}{% endmacro %}

{# A value as JSON → its text, which is null of null. #}
{% macro text_of_json(value) -%}
    case
        when {{ value }} like '"%' then from_json('{"text":' || {{ value }} || '}', 'text string').text
        else nullif({{ value }}, 'null')
    end
{%- endmacro %}

{# An object → map of each key to its value as JSON. Objects are no deeper than nine: events are refused from eight on. #}
{% macro json_members(object) -%}
    {%- set text = '"(?:[^"\\\\]|\\\\.)*+"' -%}
    {%- set nested = namespace(value='[^\\s\\S]') -%}
    {%- for _ in range(9) -%}
        {%- set nested.value = '[\\[{](?:[^"\\[\\]{}]|' ~ text ~ '|' ~ nested.value ~ ')*+[\\]}]' -%}
    {%- endfor -%}
    {%- set member = "r'(?s)(" ~ text ~ ") *: *(" ~ text ~ "|" ~ nested.value ~ "|[^\"\\[{,} ]++) *[,}]'" -%}
    map_from_arrays(
        transform(regexp_extract_all({{ object }}, {{ member }}, 1), name -> {{ text_of_json('name') }}),
        regexp_extract_all({{ object }}, {{ member }}, 2)
    )
{%- endmacro %}
