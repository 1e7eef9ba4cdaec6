{# The texts of a group's rows as one text, in order of the columns or numbers in `order_by`. #}
{% macro joined_in_order(column, order_by) %}{{ return(adapter.dispatch('joined_in_order')(column, order_by)) }}{% endmacro %}

{% macro postgres__joined_in_order(column, order_by) -%}
    string_agg({{ column }}, '' order by {{ order_by | join(', ') }})
{%- endmacro %}

{% macro spark__joined_in_order(column, order_by) -%}
    array_join(transform(
        sort_array(collect_list(struct({{ order_by | join(', ') }}, {{ column }} as joined))), entry -> entry.joined
    ), '')
{%- endmacro %}
