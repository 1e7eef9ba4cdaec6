-- One row per user of a site: the sums of all the user's days, those being built and those that stay.
{% set orders, bookings = ['last_order_at', 'last_order_id'], ['last_booking_at', 'last_booking_id'] %}
{% set has_order, has_booking = 'last_order_at is not null', 'last_booking_at is not null' %}

with

days as (

    {{ merged('customer_days', replaced='replaced_days', within='replaced_customers') | indent(4) }}

),

days_summed as (

    select
        site_id,
        user_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        count(*) as active_day_count,
        sum(session_count) as session_count,
        sum(session_seconds_total) as session_seconds_total,
        sum(page_view_count) as page_view_count,
        sum(order_count) as order_count,
        sum(booking_count) as booking_count,
        sum(review_count) as review_count,
        min(registered_at) as registered_at,
        max(last_login_at) as last_login_at,
        max(last_order_at) as last_order_at,
        {{ last_by('last_order_id', orders, has_order) }} as last_order_id,
        {{ last_by('last_order_amount', orders, has_order) }} as last_order_amount,
        {{ last_by('last_order_currency', orders, has_order) }} as last_order_currency,
        max(last_booking_at) as last_booking_at,
        {{ last_by('last_booking_id', bookings, has_booking) }} as last_booking_id,
        {{ last_by('last_booking_service', bookings, has_booking) }} as last_booking_service
    from days
    group by site_id, user_id

),

amounts_summed as (

    select
        days.site_id,
        days.user_id,
        listed.currency,
        sum(cast(listed.amount as numeric(38, 4))) as amount
    from days
    cross join lateral {{ counts_listed('days.revenue') }} as listed (currency, amount)
    group by days.site_id, days.user_id, listed.currency

),

revenues_listed as (

    select
        site_id,
        user_id,
        {{ amounts_json('currency', 'amount') }} as revenue
    from amounts_summed
    group by site_id, user_id

),

devices_counted as (

    {% for kind in ['device_types', 'browsers', 'operating_systems'] -%}
        select
            days.site_id,
            days.user_id,
            '{{ kind }}' as kind,
            listed.name,
            sum(cast(listed.session_count as bigint)) as session_count
        from days
        cross join lateral {{ counts_listed('days.' ~ kind) }} as listed (name, session_count)
        group by days.site_id, days.user_id, listed.name
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

devices_ranked as (

    select
        *,
        row_number() over (
            partition by site_id, user_id, kind order by session_count desc, name asc
        ) as popularity
    from devices_counted

),

devices_chosen as (

    select
        site_id,
        user_id,
        max(name) filter (where kind = 'device_types') as primary_device_type,
        max(name) filter (where kind = 'browsers') as primary_browser,
        max(name) filter (where kind = 'operating_systems') as primary_os
    from devices_ranked
    where popularity = 1
    group by site_id, user_id

),

columns_named as (

    select
        days_summed.site_id,
        days_summed.user_id,
        days_summed.first_seen_at,
        days_summed.last_seen_at,
        cast(days_summed.active_day_count as integer) as active_day_count,
        cast(days_summed.session_count as integer) as session_count,
        cast(days_summed.session_seconds_total as bigint) as session_seconds_total,
        cast(days_summed.page_view_count as integer) as page_view_count,
        cast(days_summed.order_count as integer) as order_count,
        cast(days_summed.booking_count as integer) as booking_count,
        cast(days_summed.review_count as integer) as review_count,
        revenues_listed.revenue,
        days_summed.registered_at,
        days_summed.last_login_at,
        days_summed.last_order_at,
        days_summed.last_order_id,
        days_summed.last_order_amount,
        days_summed.last_order_currency,
        days_summed.last_booking_at,
        days_summed.last_booking_id,
        days_summed.last_booking_service,
        devices_chosen.primary_device_type,
        devices_chosen.primary_browser,
        devices_chosen.primary_os
    from days_summed
    left join revenues_listed
        on days_summed.site_id = revenues_listed.site_id and days_summed.user_id = revenues_listed.user_id
    left join devices_chosen
        on days_summed.site_id = devices_chosen.site_id and days_summed.user_id = devices_chosen.user_id

)

select * from columns_named
