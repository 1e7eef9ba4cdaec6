{# Condition of the analyses: keeps the rows of the chosen community, by default those of all communities. #}
{% macro of_community() -%}
    ({{ asked('community') }} = '' or community_id = {{ asked('community') }})
{%- endmacro %}
