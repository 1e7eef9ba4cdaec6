{#
    Table of the names in a JSON object of counts_json or amounts_json, each with its number as text. Use after
    `cross join lateral`.
#}
{% macro counts_listed(column) %}{{ return(adapter.dispatch('counts_listed')(column)) }}{% endmacro %}

{% macro postgres__counts_listed(column) %}{{ return("jsonb_each_text(" ~ column ~ ")") }}{% endmacro %}

{% macro spark__counts_listed(column) %}{{ return("(select explode(" ~ json_members(column) ~ "))") }}{% endmacro %}
