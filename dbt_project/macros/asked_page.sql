{# End of a query of many rows: only those of the page that is asked for. #}
{% macro asked_page() -%}
    limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
{%- endmacro %}
