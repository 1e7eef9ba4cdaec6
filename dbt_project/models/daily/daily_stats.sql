-- One row per site and day on which people had sessions.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

days_summed as (

    select
        site_id,
        event_date,
        count(*) as session_count,
        sum(duration_seconds) as session_seconds_total,
        count(*) filter (where is_engaged) as engaged_sessions,
        sum(page_view_count) as visits,
        count(distinct visitor_id) as unique_users,
        count(distinct visitor_id) filter (where start_cause = 'first_visit') as new_users,
        count(*) filter (where had_conversation) as total_conversations,
        sum(messages_sent_count) as messages_sent,
        sum(messages_received_count) as messages_received,
        sum(widget_loaded_count) as widget_loads,
        sum(widget_opened_count) as widget_opens,
        sum(response_ms_total) as response_ms_total,
        sum(response_count) as response_count,
        sum(error_count) as error_count,
        count(*) filter (where device_type = 'desktop') as desktop_sessions,
        count(*) filter (where device_type = 'mobile') as mobile_sessions,
        count(*) filter (where device_type = 'tablet') as tablet_sessions,
        count(*) filter (where device_type = 'tv') as tv_sessions,
        count(*) filter (where device_type is null) as unknown_device_sessions
    from sessions
    group by site_id, event_date

),

top_names as (

    select * from {{ ref('int_top_names') }}

),

orders as (

    select * from {{ ref('int_merged_orders') }}

),

orders_counted as (

    select
        site_id,
        event_date,
        count(*) filter (where order_type = 'order') as orders,
        count(*) filter (where order_type = 'booking') as bookings
    from orders
    group by site_id, event_date

),

revenue_summed as (

    select
        site_id,
        event_date,
        currency,
        sum(amount) as amount
    from orders
    where currency is not null
    group by site_id, event_date, currency

),

revenue_listed as (

    select
        site_id,
        event_date,
        {{ amounts_json('currency', 'amount') }} as revenue
    from revenue_summed
    group by site_id, event_date

),

payment_failures_counted as (

    select
        site_id,
        event_date,
        count(*) as payment_failures
    from {{ ref('int_merged_commerce_events') }}
    where event_name = 'payment_failed'
    group by site_id, event_date

),

columns_named as (

    select
        days_summed.site_id,
        days_summed.event_date,
        cast(days_summed.session_count as integer) as session_count,
        cast(days_summed.session_seconds_total as bigint) as session_seconds_total,
        cast(days_summed.engaged_sessions as integer) as engaged_sessions,
        cast(days_summed.visits as integer) as visits,
        cast(days_summed.unique_users as integer) as unique_users,
        cast(days_summed.new_users as integer) as new_users,
        cast(days_summed.unique_users - days_summed.new_users as integer) as returning_users,
        cast(days_summed.total_conversations as integer) as total_conversations,
        cast(days_summed.messages_sent as integer) as messages_sent,
        cast(days_summed.messages_received as integer) as messages_received,
        round(
            cast(days_summed.messages_sent + days_summed.messages_received as numeric(18, 0))
            / days_summed.session_count,
            2
        ) as avg_messages_per_session,
        round(cast(days_summed.session_seconds_total as numeric(18, 0)) / days_summed.session_count, 2)
            as avg_session_duration_seconds,
        cast(days_summed.widget_loads as integer) as widget_loads,
        cast(days_summed.widget_opens as integer) as widget_opens,
        round(cast(days_summed.total_conversations as numeric(18, 0)) / days_summed.session_count, 4)
            as conversation_rate,
        round(100 * cast(days_summed.total_conversations as numeric(18, 0)) / days_summed.session_count, 2)
            as conversion_rate,
        round(
            cast(days_summed.response_ms_total as numeric(18, 0)) / nullif(days_summed.response_count, 0), 2
        )
            as avg_response_time_ms,
        cast(days_summed.error_count as integer) as error_count,
        cast(days_summed.desktop_sessions as integer) as desktop_sessions,
        cast(days_summed.mobile_sessions as integer) as mobile_sessions,
        cast(days_summed.tablet_sessions as integer) as tablet_sessions,
        cast(days_summed.tv_sessions as integer) as tv_sessions,
        cast(days_summed.unknown_device_sessions as integer) as unknown_device_sessions,
        top_referrers.names as top_referrers,
        top_landing_pages.names as top_landing_pages,
        top_utm_sources.names as utm_sources,
        cast(coalesce(orders_counted.orders, 0) as integer) as orders,
        cast(coalesce(orders_counted.bookings, 0) as integer) as bookings,
        cast(coalesce(payment_failures_counted.payment_failures, 0) as integer) as payment_failures,
        revenue_listed.revenue,
        false as is_final
    from days_summed
    left join top_names as top_referrers
        on
            days_summed.site_id = top_referrers.site_id
            and days_summed.event_date = top_referrers.event_date
            and top_referrers.kind = 'referrer'
    left join top_names as top_landing_pages
        on
            days_summed.site_id = top_landing_pages.site_id
            and days_summed.event_date = top_landing_pages.event_date
            and top_landing_pages.kind = 'landing_page'
    left join top_names as top_utm_sources
        on
            days_summed.site_id = top_utm_sources.site_id
            and days_summed.event_date = top_utm_sources.event_date
            and top_utm_sources.kind = 'utm_source'
    left join orders_counted
        on days_summed.site_id = orders_counted.site_id and days_summed.event_date = orders_counted.event_date
    left join revenue_listed
        on days_summed.site_id = revenue_listed.site_id and days_summed.event_date = revenue_listed.event_date
    left join payment_failures_counted
        on
            days_summed.site_id = payment_failures_counted.site_id
            and days_summed.event_date = payment_failures_counted.event_date

)

select * from columns_named
