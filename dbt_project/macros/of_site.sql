{# Condition of the analyses: the rows of the site that is asked for, by default of all. #}
{% macro of_site() -%}
    ({{ asked('site') }} = '' or site_id = {{ asked('site') }})
{%- endmacro %}
