-- Who are the customers, and what do they do? Over the last days, all time (`days` 0), or an `interval`.
-- `interval` daily, weekly or monthly is the last 24 hours, 7 or 30 days to the minute. A session counts by
-- its start. Who has no session, order or booking then is left out. `user` chooses one customer.
-- `sort` is sessions, orders, bookings, last_login or registered; `ascending` true turns the order.
{% set columns = {
    'sessions': 'session_count', 'orders': 'order_count', 'bookings': 'booking_count',
    'last_login': 'last_login_at', 'registered': 'registered_at',
} %}
with

happened as (

    -- Of an interval, of the sessions to which the question is narrowed, or of days.
    select
        site_id,
        user_id,
        1 as session_count,
        0 as order_count,
        0 as booking_count,
        review_count
    from {{ source('published', 'sessions') }}
    where
        {{ of_interval_or_narrowed('started_at') }}
        and not is_bot
        and {{ of_site() }}
        and {{ of_user() }}
    union all
    select
        site_id,
        user_id,
        0 as session_count,
        case when order_type = 'order' then 1 else 0 end as order_count,
        case when order_type = 'booking' then 1 else 0 end as booking_count,
        0 as review_count
    from {{ source('published', 'orders') }}
    where
        {{ of_interval_or_narrowed('ordered_at') }}
        and not is_bot
        and {{ of_site() }}
        and {{ of_user() }}
    union all
    select
        site_id,
        user_id,
        session_count,
        order_count,
        booking_count,
        review_count
    from {{ source('published', 'customer_days') }}
    where
        {{ asked('interval') }} = 'all'
        and not ({{ is_narrowed() }})
        and not {{ asked_of_all_time() }}
        and {{ asked_for('event_date') }}
        and {{ of_user() }}

),

activity as (

    select
        site_id,
        user_id,
        sum(session_count) as session_count,
        sum(order_count) as order_count,
        sum(booking_count) as booking_count,
        sum(review_count) as review_count
    from happened
    group by site_id, user_id

),

found as (

    select
        activity.site_id,
        activity.user_id,
        activity.session_count,
        activity.order_count,
        activity.booking_count,
        activity.review_count,
        customers.last_login_at,
        customers.registered_at
    from activity
    inner join {{ source('published', 'customers') }} as customers
        on activity.site_id = customers.site_id and activity.user_id = customers.user_id
    union all
    select
        site_id,
        user_id,
        session_count,
        order_count,
        booking_count,
        review_count,
        last_login_at,
        registered_at
    from {{ source('published', 'customers') }}
    where
        {{ asked('interval') }} = 'all'
        and not ({{ is_narrowed() }})
        and {{ asked_of_all_time() }}
        and {{ of_site() }}
        and {{ of_user() }}

),

chosen as (

    -- The page, before what else is known of its customers.
    select
        *,
        count(*) over () as total,
        row_number() over (order by {{ sorted_as_asked(columns) }}, site_id asc, user_id asc) as place
    from found
    order by place
    {{ asked_page() }}

)

select
    chosen.site_id,
    chosen.user_id,
    chosen.session_count,
    chosen.order_count,
    chosen.booking_count,
    chosen.review_count,
    chosen.last_login_at,
    chosen.registered_at,
    customers.last_order_at,
    customers.last_order_amount,
    customers.last_order_currency,
    customers.last_booking_at,
    customers.last_booking_service,
    customers.primary_device_type,
    customers.primary_browser,
    customers.primary_os,
    chosen.total
from chosen
inner join {{ source('published', 'customers') }} as customers
    on chosen.site_id = customers.site_id and chosen.user_id = customers.user_id
order by chosen.place
