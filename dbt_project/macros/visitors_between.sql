{#
    The function that counts the visitors of a range of days by sketches, in the schema of the published marts or in that
    with the open day. See migration 0049.
#}
{% macro visitors_between(site, first, last, dimension="'all'") -%}
    {{ source('published', 'daily_visitor_sketches').schema }}.visitors_between(
        {{ site }}, {{ first }}, {{ last }}, {{ dimension }}
    )
{%- endmacro %}
