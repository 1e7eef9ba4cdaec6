{# A host without a leading `www.`; null where it is null or empty. #}
{% macro without_www(host) -%}
    nullif(case when {{ host }} like 'www.%' then substring({{ host }}, 5) else {{ host }} end, '')
{%- endmacro %}
