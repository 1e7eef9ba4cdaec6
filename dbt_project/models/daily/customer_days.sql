-- One row per user and day on which the user had sessions. Kept for ever: totals outlive the sessions.
{% set in_order = ['ordered_at', 'order_id'] %}

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}
    where user_id is not null

),

orders as (

    select * from {{ ref('int_merged_orders') }}
    where user_id is not null

),

sessions_summed as (

    select
        site_id,
        user_id,
        event_date,
        count(*) as session_count,
        sum(duration_seconds) as session_seconds_total,
        sum(page_view_count) as page_view_count,
        sum(review_count) as review_count,
        min(signed_up_at) as registered_at,
        max(signed_in_at) as last_login_at,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at
    from sessions
    group by site_id, user_id, event_date

),

orders_summed as (

    select
        site_id,
        user_id,
        event_date,
        count(*) filter (where order_type = 'order') as order_count,
        count(*) filter (where order_type = 'booking') as booking_count,
        max(ordered_at) filter (where order_type = 'order') as last_order_at,
        {{ last_by('order_id', in_order, "order_type = 'order'") }} as last_order_id,
        {{ last_by('amount', in_order, "order_type = 'order'") }} as last_order_amount,
        {{ last_by('currency', in_order, "order_type = 'order'") }} as last_order_currency,
        max(ordered_at) filter (where order_type = 'booking') as last_booking_at,
        {{ last_by('order_id', in_order, "order_type = 'booking'") }} as last_booking_id,
        {{ last_by('service', in_order, "order_type = 'booking'") }} as last_booking_service
    from orders
    group by site_id, user_id, event_date

),

amounts_summed as (

    select
        site_id,
        user_id,
        event_date,
        currency,
        sum(amount) as amount
    from orders
    where currency is not null
    group by site_id, user_id, event_date, currency

),

revenues_listed as (

    select
        site_id,
        user_id,
        event_date,
        {{ amounts_json('currency', 'amount') }} as revenue
    from amounts_summed
    group by site_id, user_id, event_date

),

devices_counted as (

    {% for kind in ['device_type', 'browser', 'os'] -%}
        select
            site_id,
            user_id,
            event_date,
            '{{ kind }}' as kind,
            {{ kind }} as name,
            count(*) as session_count
        from sessions
        where {{ kind }} is not null
        group by site_id, user_id, event_date, {{ kind }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

devices_listed as (

    select
        site_id,
        user_id,
        event_date,
        {{ counts_json('name', 'session_count', "kind = 'device_type'") }} as device_types,
        {{ counts_json('name', 'session_count', "kind = 'browser'") }} as browsers,
        {{ counts_json('name', 'session_count', "kind = 'os'") }} as operating_systems
    from devices_counted
    group by site_id, user_id, event_date

),

columns_named as (

    -- Each order lies in a session of the same user and day, so that no order is lost in the join.
    select
        sessions_summed.site_id,
        sessions_summed.user_id,
        sessions_summed.event_date,
        cast(sessions_summed.session_count as integer) as session_count,
        cast(sessions_summed.session_seconds_total as bigint) as session_seconds_total,
        cast(sessions_summed.page_view_count as integer) as page_view_count,
        cast(coalesce(orders_summed.order_count, 0) as integer) as order_count,
        cast(coalesce(orders_summed.booking_count, 0) as integer) as booking_count,
        cast(sessions_summed.review_count as integer) as review_count,
        revenues_listed.revenue,
        sessions_summed.registered_at,
        sessions_summed.last_login_at,
        sessions_summed.first_seen_at,
        sessions_summed.last_seen_at,
        orders_summed.last_order_at,
        orders_summed.last_order_id,
        orders_summed.last_order_amount,
        orders_summed.last_order_currency,
        orders_summed.last_booking_at,
        orders_summed.last_booking_id,
        orders_summed.last_booking_service,
        devices_listed.device_types,
        devices_listed.browsers,
        devices_listed.operating_systems
    from sessions_summed
    left join orders_summed
        on
            sessions_summed.site_id = orders_summed.site_id
            and sessions_summed.user_id = orders_summed.user_id
            and sessions_summed.event_date = orders_summed.event_date
    left join revenues_listed
        on
            sessions_summed.site_id = revenues_listed.site_id
            and sessions_summed.user_id = revenues_listed.user_id
            and sessions_summed.event_date = revenues_listed.event_date
    left join devices_listed
        on
            sessions_summed.site_id = devices_listed.site_id
            and sessions_summed.user_id = devices_listed.user_id
            and sessions_summed.event_date = devices_listed.event_date

)

select * from columns_named
