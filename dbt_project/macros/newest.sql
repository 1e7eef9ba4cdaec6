{#
    Keys of the rows of a mart on the page that is asked for, newest first by `at`, with the number of rows on all pages.
    All rows that are asked for are counted and sorted: only by what that takes. The page is joined row by row.
    With `narrowed`, only what belongs to the sessions to which the question is narrowed.
#}
{% macro newest(mart, at, id, narrowed=false) -%}
    select
        site_id,
        {{ id }},
        {{ at }},
        count(*) over () as total
    from {{ source('published', mart) }}
    where
        not is_bot
        and {{ asked_for('event_date') }}
        {% if narrowed %}and {{ of_narrowed_session() }}{% endif %}
    order by {{ at }} desc, site_id asc, {{ id }} asc
    {{ asked_page() }}
{%- endmacro %}
