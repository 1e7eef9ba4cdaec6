-- One row per day outside the slice that the candidates leave stale: a visitor's first visit, the session in
-- which the first user became known, or the first report of an order, moved from it, or to it.

with

visitors as (

    select * from {{ ref('visitors') }}

),

conversions as (

    select * from {{ ref('conversions') }}

),

scope_visitors as (

    select * from {{ ref('scope_visitors') }}

),

published_visitors as (

    select * from {{ source('published', 'visitors') }}

),

published_conversions as (

    select * from {{ source('published', 'conversions') }}

),

orders as (

    select * from {{ ref('orders') }}

),

scope_orders as (

    select * from {{ ref('scope_orders') }}

),

published_orders as (

    select * from {{ source('published', 'orders') }}

),

first_visits_moved as (

    select
        published_visitors.first_seen_date as old_date,
        visitors.first_seen_date as new_date
    from scope_visitors
    inner join published_visitors
        on
            scope_visitors.site_id = published_visitors.site_id
            and scope_visitors.visitor_id = published_visitors.visitor_id
    inner join visitors
        on scope_visitors.site_id = visitors.site_id and scope_visitors.visitor_id = visitors.visitor_id
    where published_visitors.first_session_id <> visitors.first_session_id

),

conversions_moved as (

    -- Or came, or went.
    select
        published_conversions.conversion_date as old_date,
        conversions.conversion_date as new_date
    from scope_visitors
    left join published_conversions
        on
            scope_visitors.site_id = published_conversions.site_id
            and scope_visitors.visitor_id = published_conversions.visitor_id
    left join conversions
        on scope_visitors.site_id = conversions.site_id and scope_visitors.visitor_id = conversions.visitor_id
    where published_conversions.session_id is distinct from conversions.session_id

),

orders_moved as (

    -- Or came, or went.
    select
        published_orders.order_date as old_date,
        orders.order_date as new_date
    from scope_orders
    left join published_orders
        on
            scope_orders.site_id = published_orders.site_id
            and scope_orders.order_type = published_orders.order_type
            and scope_orders.order_id = published_orders.order_id
    left join orders
        on
            scope_orders.site_id = orders.site_id
            and scope_orders.order_type = orders.order_type
            and scope_orders.order_id = orders.order_id
    where published_orders.event_id is distinct from orders.event_id

),

days as (

    select old_date as event_date from first_visits_moved
    union
    select new_date as event_date from first_visits_moved
    union
    select old_date as event_date from conversions_moved
    union
    select new_date as event_date from conversions_moved
    union
    select old_date as event_date from orders_moved
    union
    select new_date as event_date from orders_moved

)

select days.event_date
from days
where
    days.event_date not in (
        select slice_days.event_date from {{ source('audit', 'slice_days') }} as slice_days
    )
