-- One row per event of people and declared property that it gives a text, a number, or true or false.

with

declared_properties as (

    select * from {{ ref('stg_declared_properties') }}

),

events as (

    select * from {{ ref('events') }}
    where event_name in (select declared_properties.event_name from declared_properties)

),

values_listed as (

    select
        events.*,
        listed.property,
        listed.value
    from events
    cross join lateral {{ scalars_listed('events.properties') }} as listed (property, value)

),

columns_named as (

    select
        values_listed.site_id,
        values_listed.event_name,
        values_listed.property,
        left(values_listed.value, 200) as value,
        values_listed.occurred_at,
        values_listed.session_id,
        values_listed.position,
        values_listed.event_date,
        values_listed.visitor_id,
        values_listed.user_id
    from values_listed
    inner join declared_properties
        on
            values_listed.site_id = declared_properties.site_id
            and values_listed.event_name = declared_properties.event_name
            and values_listed.property = declared_properties.property

)

select * from columns_named
