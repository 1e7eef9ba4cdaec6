{# An array of texts; may be empty. #}
{% macro text_list(values) %}{{ return(adapter.dispatch('text_list')(values)) }}{% endmacro %}

{% macro postgres__text_list(values) -%}
    cast(array[{% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %}] as text[])
{%- endmacro %}

{% macro spark__text_list(values) -%}
    cast(array({% for value in values %}'{{ value }}'{{ ', ' if not loop.last }}{% endfor %}) as array<string>)
{%- endmacro %}
