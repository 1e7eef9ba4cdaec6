{# Join condition: two relations agree on the keys of a model that names replaced keys. #}
{% macro same_keys(replaced, left, right) -%}
{%- for key in keys_of(replaced) -%}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}
