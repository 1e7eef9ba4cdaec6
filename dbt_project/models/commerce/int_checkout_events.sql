-- One row per event of the checkouts in scope, in order, over their whole history as it will be once the
-- candidates are published.

with

events as (

    {{ commerce_history('replaced_checkouts', ['site_id', 'checkout_id']) | indent(4) }}

),

outcomes_told as (

    -- An order or booking is proof of payment, should the payment itself not be told.
    select
        *,
        row_number() over (partition by site_id, checkout_id order by occurred_at, event_id) as position,
        event_name = 'payment_failed' as is_failure,
        event_name in ('payment_succeeded', 'order_placed', 'booking_placed') as is_success
    from events

)

select * from outcomes_told
