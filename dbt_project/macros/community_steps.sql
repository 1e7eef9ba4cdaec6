{#
    Steps that read what events say of visits to communities. They expect a step `visits_found`: site_id, event_id,
    session_id, event_date, visitor_id, user_id, occurred_at, properties, is_bot. They leave `divisions_compared`, with
    the columns of mart community_visits in their order.
#}
{% macro community_steps() -%}
{%- set texts = ['community_id', 'community_slug', 'visitor_division_id', 'community_division_id'] -%}
properties_read as (

    -- Clients may send texts of any length; an index entry has a limit.
    select
        site_id,
        event_id,
        session_id,
        event_date,
        visitor_id,
        user_id,
        occurred_at,
        {% for text in texts -%}
            {{ json_string('properties', text, 128) }} as {{ text }},
        {% endfor -%}
        is_bot
    from visits_found

),

divisions_compared as (

    select
        site_id,
        event_id,
        session_id,
        event_date,
        visitor_id,
        user_id,
        occurred_at,
        {% for text in texts -%}
            {{ text }},
        {% endfor -%}
        visitor_division_id <> community_division_id as is_cross_division,
        is_bot
    from properties_read

)
{%- endmacro %}
