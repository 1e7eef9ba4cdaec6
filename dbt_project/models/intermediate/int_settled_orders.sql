-- One row per order or booking of the days in scope, as they will be once the candidates are published. Bots
-- are left out.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'order_type', 'order_id', 'order_date', 'ordered_at', 'event_id', 'visitor_id', 'user_id', 'session_id',
    'service', 'amount', 'currency',
] %}

with

candidates as (

    -- One of another day was only read again, or has moved there, and that day is going to be built again.
    select orders.*
    from {{ ref('orders') }} as orders
    inner join {{ ref('scope_days') }} as scope_days
        on orders.site_id = scope_days.site_id and orders.order_date = scope_days.stat_date

),

staying as (

    select published_orders.*
    from {{ source('published', 'orders') }} as published_orders
    inner join {{ ref('scope_days') }} as scope_days
        on
            published_orders.site_id = scope_days.site_id
            and published_orders.order_date = scope_days.stat_date
    left join {{ ref('scope_orders') }} as scope_orders
        on
            published_orders.site_id = scope_orders.site_id
            and published_orders.order_type = scope_orders.order_type
            and published_orders.order_id = scope_orders.order_id
    where scope_orders.order_id is null

)

select {{ columns | join(', ') }}
from candidates
where not is_bot
union all
select {{ columns | join(', ') }}
from staying
where not is_bot
