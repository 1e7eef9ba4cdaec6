-- One row per order or booking, as its first report describes it.

with

order_events as (

    select * from {{ ref('int_order_events') }}

),

reports_numbered as (

    select
        *,
        row_number() over (
            partition by site_id, order_type, order_id order by occurred_at, event_id
        ) as report_number,
        count(*) over (partition by site_id, order_type, order_id) as event_count
    from order_events

),

firsts_kept as (

    select
        site_id,
        order_type,
        order_id,
        event_date,
        occurred_at as ordered_at,
        event_id,
        visitor_id,
        user_id,
        session_id,
        checkout_id,
        service,
        amount,
        currency,
        cast(event_count as integer) as event_count,
        is_bot
    from reports_numbered
    where report_number = 1

)

select * from firsts_kept
