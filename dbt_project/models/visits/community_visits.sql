-- One row per visit to a community.
{% set texts = ['community_id', 'community_slug', 'visitor_division_id', 'community_division_id'] %}

with

visit_events as (

    select * from {{ ref('int_session_events') }}
    where event_name = 'community_visited'

),

sessions as (

    select * from {{ ref('sessions') }}

),

properties_read as (

    -- Clients may send texts of any length; an index entry has a limit.
    select
        visit_events.site_id,
        visit_events.event_id,
        visit_events.session_id,
        sessions.event_date,
        visit_events.visitor_id,
        coalesce(visit_events.user_id, sessions.user_id) as user_id,
        visit_events.occurred_at,
        {% for text in texts -%}
            {{ json_string('visit_events.properties', text, 128) }} as {{ text }},
        {% endfor -%}
        sessions.is_bot
    from visit_events
    inner join sessions
        on visit_events.site_id = sessions.site_id and visit_events.session_id = sessions.session_id

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
        community_id,
        community_slug,
        visitor_division_id,
        community_division_id,
        visitor_division_id <> community_division_id as is_cross_division,
        is_bot
    from properties_read

)

select * from divisions_compared
