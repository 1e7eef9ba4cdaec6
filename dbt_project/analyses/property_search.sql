-- Which events `name` have this `value` of a declared `property`, and further `properties`? Newest first.
with

found as (

    select * from {{ source('published', 'event_properties') }}
    where
        {{ of_site() }}
        and event_name = {{ asked('name') }}
        and property = {{ asked('property') }}
        -- The mart cuts longer values there.
        and value = left({{ asked('value') }}, 200)
        and {{ happened_as_asked() }}
        and ({{ asked('session') }} = '' or session_id = {{ asked('session') }})

),

events as (

    select * from {{ source('published', 'events') }} as published
    where
        {{ asked_for('event_date') }}
        and {{ of_narrowed_session() }}
        and (
            length({{ asked('value') }}) <= 200
            or properties ->> {{ asked('property') }} = {{ asked('value') }}
        )
        and ({{ asked('properties') }} = '{}' or not exists (
            select 1
            from jsonb_each_text(cast({{ asked('properties') }} as jsonb)) as wanted (property, value)
            where (published.properties ->> wanted.property) is distinct from wanted.value
        ))

)

select
    events.site_id,
    events.event_id,
    events.event_name,
    events.event_category,
    events.occurred_at,
    events.event_date,
    events.session_id,
    events.position,
    events.visitor_id,
    events.user_id,
    events.page_view_id,
    events.page_host,
    events.page_path,
    events.properties
from found
inner join events
    on
        found.site_id = events.site_id
        and found.session_id = events.session_id
        and found.position = events.position
order by found.occurred_at desc, found.session_id desc, found.position desc
limit {{ asked('rows') }}
