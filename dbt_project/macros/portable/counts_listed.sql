{# Table: each name of a JSON object that counts_json made, and its count as text. Stands after `cross join lateral`. #}
{% macro counts_listed(column) %}{{ return(adapter.dispatch('counts_listed')(column)) }}{% endmacro %}

{% macro postgres__counts_listed(column) %}{{ return("jsonb_each_text(" ~ column ~ ")") }}{% endmacro %}

{% macro spark__counts_listed(column) %}{{ return("(select explode(from_json(" ~ column ~ ", 'map<string, string>')))") }}{% endmacro %}
