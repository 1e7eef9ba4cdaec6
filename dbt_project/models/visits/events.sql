-- One row per event of people, with its properties.
--
-- What else is known of a failed payment may hold contacts in a text; `payment_errors` has it, masked.
{{ config(sql_header=hash_joins_only()) }}
{% set contacts = var('contact_properties') %}

with

session_events as (

    select
        site_id,
        session_id,
        position_in_session,
        event_id,
        event_name,
        event_category,
        occurred_at,
        visitor_id,
        user_id,
        page_view_number,
        page_host,
        page_path,
        {{ json_without('properties', ['error_details', 'errorDetails']) }} as properties
    from {{ ref('int_session_events') }}
    where {{ var('events_mart') | lower }}

),

sessions as (

    select
        site_id,
        session_id,
        event_date,
        user_id,
        identified_at
    from {{ ref('sessions') }}
    where not is_bot

),

page_views as (

    select
        site_id,
        session_id,
        position,
        page_view_id
    from {{ ref('page_views') }}

),

columns_named as (

    select
        events.site_id,
        events.session_id,
        cast(events.position_in_session as integer) as position,
        events.event_id,
        events.event_name,
        events.event_category,
        events.occurred_at,
        sessions.event_date,
        events.visitor_id,
        coalesce(
            events.user_id, case when events.occurred_at >= sessions.identified_at then sessions.user_id end
        ) as user_id,
        page_views.page_view_id,
        events.page_host,
        events.page_path,
        {{ json_contacts_masked('events.properties', contacts) }} as properties
    from session_events as events
    inner join sessions on events.site_id = sessions.site_id and events.session_id = sessions.session_id
    left join page_views
        on
            events.site_id = page_views.site_id
            and events.session_id = page_views.session_id
            and events.page_view_number = page_views.position

)

select * from columns_named
