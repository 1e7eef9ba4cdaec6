{#
    A JSON object of events, as marts have it, in which the texts and numbers under these keys are masked, at any depth.
    On Spark this is where the map of an event becomes text.
#}
{% macro json_contacts_masked(column, keys) %}{{ return(adapter.dispatch('json_contacts_masked')(column, keys)) }}{% endmacro %}

{% macro postgres__json_contacts_masked(column, keys) -%}
    cast({{ contacts_masked('cast(' ~ column ~ ' as text)', keys) }} as jsonb)
{%- endmacro %}

{% macro spark__json_contacts_masked(column, keys) -%}
    {{ contacts_masked(json_object_text('map_entries(' ~ column ~ ')', name='key'), keys) }}
{%- endmacro %}
