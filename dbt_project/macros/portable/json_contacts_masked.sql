{# A JSON object in which the texts and numbers under these keys are masked, at any depth. #}
{% macro json_contacts_masked(column, keys) %}{{ return(adapter.dispatch('json_contacts_masked')(column, keys)) }}{% endmacro %}

{% macro postgres__json_contacts_masked(column, keys) -%}
    cast({{ contacts_masked('cast(' ~ column ~ ' as text)', keys) }} as jsonb)
{%- endmacro %}

{% macro spark__json_contacts_masked(column, keys) %}{{ return(contacts_masked(column, keys)) }}{% endmacro %}
