{#
    A group's names with their amounts as one JSON object, {"name": amount, …}: exact, and without the zeros at the
    end, so that equal amounts are written equally. Names are unique and not null; null where there are none.
#}
{% macro amounts_json(name, amount) %}{{ return(adapter.dispatch('amounts_json')(name, amount)) }}{% endmacro %}

{% macro postgres__amounts_json(name, amount) -%}
    jsonb_object_agg({{ name }}, trim_scale({{ amount }})) filter (where {{ name }} is not null)
{%- endmacro %}

{% macro spark__amounts_json(name, amount) -%}
    case
        when count({{ name }}) > 0 then to_json(map_from_entries(
            collect_list(struct({{ name }}, {{ amount }})) filter (where {{ name }} is not null)
        ))
    end
{%- endmacro %}
