{#
    A group's names with their amounts as one JSON object, {"name": amount, …}. Amounts are exact and have no
    trailing zeros, so that equal amounts are written equally. Each name must stand in one row only.
#}
{% macro amounts_json(name, amount) %}{{ return(adapter.dispatch('amounts_json')(name, amount)) }}{% endmacro %}

{% macro postgres__amounts_json(name, amount) -%}
    jsonb_object_agg({{ name }}, trim_scale({{ amount }}))
{%- endmacro %}

{# Amounts have four decimals. #}
{% macro spark__amounts_json(name, amount) -%}
    {%- set text = "cast(cast(" ~ amount ~ " as decimal(38, 4)) as string)" -%}
    {%- set value = "trim(trailing '.' from trim(trailing '0' from " ~ text ~ "))" -%}
    {{ json_object_text("collect_list(struct(" ~ name ~ " as name, " ~ value ~ " as value))") }}
{%- endmacro %}
