-- One row per event of the replaced checkouts, in order, over their whole history as it will be once the
-- candidates are published.

with

events as (

    {{ merged(
        'commerce_events', replaced='replaced_commerce_events', within='replaced_checkouts'
    ) | indent(4) }}

),

outcomes_marked as (

    -- An order or booking proves the payment, also where no event reports the payment itself.
    select
        *,
        row_number() over (
            partition by site_id, checkout_id order by {{ event_order() | join(', ') }}
        ) as position,
        event_name = 'payment_failed' as is_failure,
        event_name in ('payment_succeeded', 'order_placed', 'booking_placed') as is_success
    from events

)

select * from outcomes_marked
