{# A group's numbers as an array, each once and in order, among rows where `condition` holds; null where there are none. #}
{% macro numbers_listed(column, condition) %}{{ return(adapter.dispatch('numbers_listed')(column, condition)) }}{% endmacro %}

{% macro postgres__numbers_listed(column, condition) -%}
    array_agg(distinct {{ column }} order by {{ column }}) filter (where {{ condition }})
{%- endmacro %}

{% macro spark__numbers_listed(column, condition) -%}
    case
        when count_if({{ condition }}) > 0 then sort_array(collect_set({{ column }}) filter (where {{ condition }}))
    end
{%- endmacro %}
