{# Condition of the analyses: the rows of the site that is asked for, by default of all. #}
{% macro of_site() -%}
    {% if var('site') %}site_id = '{{ var('site') | replace("'", "''") }}'{% else %}true{% endif %}
{%- endmacro %}
