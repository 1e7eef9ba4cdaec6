{# Table of the names in a JSON object of counts_json, each with its count as text. Use after `cross join lateral`. #}
{% macro counts_listed(column) %}{{ return(adapter.dispatch('counts_listed')(column)) }}{% endmacro %}

{% macro postgres__counts_listed(column) %}{{ return("jsonb_each_text(" ~ column ~ ")") }}{% endmacro %}

{% macro spark__counts_listed(column) %}{{ return("(select explode(from_json(" ~ column ~ ", 'map<string, string>')))") }}{% endmacro %}
