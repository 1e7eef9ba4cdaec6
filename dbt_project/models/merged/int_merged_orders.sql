-- One row per order or booking of the days in scope, as they will be once the candidates are published. Bots
-- are left out.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'order_type', 'order_id', 'event_date', 'ordered_at', 'event_id', 'visitor_id', 'user_id', 'session_id',
    'service', 'amount', 'currency',
] %}

with

candidates as (

    -- One of another day was only read again, or has moved there, and that day is going to be built again.
    select orders.*
    from {{ ref('orders') }} as orders
    inner join {{ ref('replaced_days') }} as replaced_days
        on orders.site_id = replaced_days.site_id and orders.event_date = replaced_days.event_date

),

staying as (

    select published_orders.*
    from {{ source('published', 'orders') }} as published_orders
    inner join {{ ref('replaced_days') }} as replaced_days
        on
            published_orders.site_id = replaced_days.site_id
            and published_orders.event_date = replaced_days.event_date
    left join {{ ref('replaced_orders') }} as replaced_orders
        on
            published_orders.site_id = replaced_orders.site_id
            and published_orders.order_type = replaced_orders.order_type
            and published_orders.order_id = replaced_orders.order_id
    where replaced_orders.order_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
