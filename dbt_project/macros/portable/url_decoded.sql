{# A part of a query string, decoded: `%20` and `+` are spaces. A text that cannot be decoded stays as it is. #}
{% macro url_decoded(text) %}{{ return(adapter.dispatch('url_decoded')(text)) }}{% endmacro %}

{% macro postgres__url_decoded(text) -%}
    case when {{ text }} ~ '[%+]' then staging.url_decode({{ text }}) else {{ text }} end
{%- endmacro %}

{#
    Java writes U+FFFD for bytes that are no UTF-8, and fails where two digits are missing after a per cent. So whether
    there are such bytes is asked of the text without the U+FFFD that were meant.
#}
{% macro spark__url_decoded(text) -%}
    {%- set lone_percent, meant = "'%(?![0-9A-Fa-f]{2})'", "'(?i)%EF%BF%BD|\\uFFFD'" -%}
    case
        when {{ text }} not rlike '[%+]' then {{ text }}
        when url_decode(regexp_replace(regexp_replace({{ text }}, {{ meant }}, 'x'), {{ lone_percent }}, '%25'))
            rlike '[\u0000\uFFFD]'
            then {{ text }}
        else url_decode(regexp_replace({{ text }}, {{ lone_percent }}, '%25'))
    end
{%- endmacro %}
