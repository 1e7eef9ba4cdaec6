-- Who are the customers, and what do they do? Over the last days, or with `days` 0 over all time.
-- `sort` is sessions, orders, bookings, last_login or registered; `ascending` true turns the order.
{% set columns = {
    'sessions': 'sessions', 'orders': 'orders', 'bookings': 'bookings',
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
            sum(sessions) as sessions,
            sum(orders) as orders,
            sum(bookings) as bookings,
            sum(reviews) as reviews,
            max(last_login_at) as last_login_at
        from {{ source('published', 'customer_days') }}
        where {{ asked_for('stat_date') }}
        group by site_id, user_id
    {% else %}
        select
            site_id,
            user_id,
            session_count as sessions,
            order_count as orders,
            booking_count as bookings,
            review_count as reviews,
            last_login_at
        from customers
    {% endif %}

)

select
    activity.site_id,
    activity.user_id,
    activity.sessions,
    activity.orders,
    activity.bookings,
    activity.reviews,
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
    {{ columns.get(var('sort'), 'sessions') }} {{ 'asc' if var('ascending') else 'desc' }} nulls last,
    activity.site_id asc,
    activity.user_id asc
limit {{ var('rows') }} offset ({{ var('page') }} - 1) * {{ var('rows') }}
