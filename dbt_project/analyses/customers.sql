-- Who are the customers, and what do they do? Over the last days, or with `days` 0 over all time.
-- `sort` is sessions, orders, bookings, last_login or registered; `ascending` true turns the order.
{% set columns = {
    'sessions': 'session_count', 'orders': 'order_count', 'bookings': 'booking_count',
    'last_login': 'last_login_at', 'registered': 'registered_at',
} %}
with

customers as (

    select * from {{ source('published', 'customers') }}
    where {{ of_site() }}

),

activity as (

    {% if var('days') | int %}
        select
            site_id,
            user_id,
            sum(session_count) as session_count,
            sum(order_count) as order_count,
            sum(booking_count) as booking_count,
            sum(review_count) as review_count,
            max(last_login_at) as last_login_at
        from {{ source('published', 'customer_days') }}
        where {{ asked_for('event_date') }}
        group by site_id, user_id
    {% else %}
        select
            site_id,
            user_id,
            session_count,
            order_count,
            booking_count,
            review_count,
            last_login_at
        from customers
    {% endif %}

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
    customers.primary_os
from activity
inner join customers on activity.site_id = customers.site_id and activity.user_id = customers.user_id
order by
    {{ columns.get(var('sort'), 'session_count') }} {{ 'asc' if var('ascending') else 'desc' }} nulls last,
    activity.site_id asc,
    activity.user_id asc
limit {{ var('rows') }} offset ({{ var('page') }} - 1) * {{ var('rows') }}
