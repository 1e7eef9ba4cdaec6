{# Condition of the analyses: keeps the rows of the chosen site, by default those of all sites. #}
{% macro of_site() -%}
    ({{ asked('site') }} = '' or site_id = {{ asked('site') }})
{%- endmacro %}
