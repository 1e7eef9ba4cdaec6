{# The value of a column on the group's last row, by `order_by`, among rows where `condition` holds. #}
{% macro last_by(column, order_by, condition) %}{{ return(adapter.dispatch('last_by')(column, order_by, condition)) }}{% endmacro %}

{# Sorts in ascending order, as first_by does, so that one sort serves both. #}
{% macro postgres__last_by(column, order_by, condition) -%}
    (array_agg({{ column }} order by {{ order_by | join(', ') }}) filter (where {{ condition }}))[
        count(*) filter (where {{ condition }})
    ]
{%- endmacro %}

{% macro spark__last_by(column, order_by, condition) -%}
    max_by({{ column }}, struct({{ order_by | join(', ') }})) filter (where {{ condition }})
{%- endmacro %}
