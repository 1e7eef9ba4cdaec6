-- One row per order or booking, as its first report describes it. What that does not say, such as the amount,
-- is taken from the first report that does.
{% set order = event_order() %}

with

order_events as (

    select * from {{ ref('int_order_events') }}

),

reports_folded as (

    -- The user stays that of the session in which the order was first reported.
    select
        site_id,
        order_type,
        order_id,
        {{ first_by('event_date', order, 'true') }} as event_date,
        min(occurred_at) as ordered_at,
        {% for column in ['event_id', 'visitor_id', 'user_id', 'session_id'] -%}
            {{ first_by(column, order, 'true') }} as {{ column }},
        {% endfor -%}
        {{ first_by('checkout_id', order, 'checkout_id is not null') }} as checkout_id,
        {{ first_by('service', order, 'service is not null') }} as service,
        {{ first_by('amount', order, 'amount is not null') }} as amount,
        {{ first_by('currency', order, 'amount is not null') }} as currency,
        cast(count(*) as integer) as event_count,
        {{ first_by('is_bot', order, 'true') }} as is_bot
    from order_events
    group by site_id, order_type, order_id

)

select * from reports_folded
