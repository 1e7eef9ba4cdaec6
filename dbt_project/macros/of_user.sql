{# Condition of the analyses: keeps the rows of the chosen user, by default those of all users. #}
{% macro of_user() -%}
    user_id is not null and ({{ asked('user') }} = '' or user_id = {{ asked('user') }})
{%- endmacro %}
