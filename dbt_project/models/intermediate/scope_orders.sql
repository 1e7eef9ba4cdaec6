-- One row per order or booking whose history the candidates change: with a candidate event, or with one that
-- is replaced.

with

events as (

    select * from {{ ref('commerce_events') }}

),

replaced as (

    select published_events.*
    from {{ source('published', 'commerce_events') }} as published_events
    inner join {{ ref('scope_commerce_events') }} as scope_events
        on
            published_events.site_id = scope_events.site_id
            and published_events.event_id = scope_events.event_id

)

select
    site_id,
    order_type,
    order_id
from events
where order_id is not null
union
select
    site_id,
    order_type,
    order_id
from replaced
where order_id is not null
