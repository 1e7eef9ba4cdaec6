{#
    A group's names with their amounts as one JSON object, {"name": amount, …}. Amounts are exact and have no
    trailing zeros, so that equal amounts are written equally. Each name must stand in one row only.
#}
{% macro amounts_json(name, amount) %}{{ return(adapter.dispatch('amounts_json')(name, amount)) }}{% endmacro %}

{% macro postgres__amounts_json(name, amount) -%}
    jsonb_object_agg({{ name }}, trim_scale({{ amount }}))
{%- endmacro %}

{% macro spark__amounts_json(name, amount) -%}
    to_json(map_from_entries(collect_list(struct({{ name }}, {{ amount }}))))
{%- endmacro %}
