{# The value of a column on the group's first row, by `order_by`, among rows where `condition` holds. #}
{% macro first_by(column, order_by, condition) %}{{ return(adapter.dispatch('first_by')(column, order_by, condition)) }}{% endmacro %}

{% macro postgres__first_by(column, order_by, condition) -%}
    (array_agg({{ column }} order by {{ order_by | join(', ') }}) filter (where {{ condition }}))[1]
{%- endmacro %}

{% macro spark__first_by(column, order_by, condition) -%}
    min_by({{ column }}, struct({{ order_by | join(', ') }})) filter (where {{ condition }})
{%- endmacro %}
