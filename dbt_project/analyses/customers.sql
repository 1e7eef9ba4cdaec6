-- Who are the customers, and what do they do? Over the last days, or with `days` 0 over all time.
-- `sort` is sessions, orders, bookings, last_login or registered; `ascending` true turns the order.
{% set columns = {
    'sessions': 'activity.session_count', 'orders': 'activity.order_count', 'bookings': 'activity.booking_count',
    'last_login': 'activity.last_login_at', 'registered': 'customers.registered_at',
} %}
with

customers as (

    select * from {{ source('published', 'customers') }}
    where {{ of_site() }}

),

activity as (

    select
        site_id,
        user_id,
        sum(session_count) as session_count,
        sum(order_count) as order_count,
        sum(booking_count) as booking_count,
        sum(review_count) as review_count,
        max(last_login_at) as last_login_at
    from {{ source('published', 'customer_days') }}
    where not {{ asked_of_all_time() }} and {{ asked_for('event_date') }}
    group by site_id, user_id
    union all
    select
        site_id,
        user_id,
        session_count,
        order_count,
        booking_count,
        review_count,
        last_login_at
    from customers
    where {{ asked_of_all_time() }}

)

select
    activity.site_id,
    activity.user_id,
    activity.session_count,
    activity.order_count,
    activity.booking_count,
    activity.review_count,
    activity.last_login_at,
    customers.registered_at,
    customers.last_order_at,
    customers.last_order_amount,
    customers.last_order_currency,
    customers.last_booking_at,
    customers.last_booking_service,
    customers.primary_device_type,
    customers.primary_browser,
    customers.primary_os,
    count(*) over () as total
from activity
inner join customers on activity.site_id = customers.site_id and activity.user_id = customers.user_id
order by
    {{ sorted_as_asked(columns) }},
    activity.site_id asc,
    activity.user_id asc
limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
