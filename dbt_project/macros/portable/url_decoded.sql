{# A part of a query string, decoded: `%20` and `+` are spaces. A text that cannot be decoded stays as it is. #}
{% macro url_decoded(text) %}{{ return(adapter.dispatch('url_decoded')(text)) }}{% endmacro %}

{% macro postgres__url_decoded(text) -%}
    case when {{ text }} ~ '[%+]' then staging.url_decode({{ text }}) else {{ text }} end
{%- endmacro %}

{% macro spark__url_decoded(text) -%}
    coalesce(try_url_decode({{ text }}), {{ text }})
{%- endmacro %}
