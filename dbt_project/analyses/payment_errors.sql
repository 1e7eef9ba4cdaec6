-- Which payments failed, and what became of them?
with

newest as (

    {{ newest('payment_errors', 'occurred_at', 'event_id', narrowed=true) }}

)

select
    payment_errors.site_id,
    payment_errors.event_id,
    payment_errors.occurred_at,
    payment_errors.user_id,
    payment_errors.checkout_id,
    payment_errors.error_code,
    payment_errors.error_message,
    payment_errors.error_details,
    payment_errors.payment_method,
    payment_errors.amount,
    payment_errors.currency,
    payment_errors.item_count,
    checkouts.items,
    payment_errors.device_type,
    payment_errors.browser,
    payment_errors.os,
    sessions.ip_masked,
    payment_errors.attempt_number,
    payment_errors.is_retried,
    payment_errors.retried_at,
    payment_errors.is_recovered,
    payment_errors.recovered_at,
    newest.total
from newest
inner join {{ source('published', 'payment_errors') }} as payment_errors
    on
        newest.site_id = payment_errors.site_id
        and newest.occurred_at = payment_errors.occurred_at
        and newest.event_id = payment_errors.event_id
left join {{ source('published', 'checkouts') }} as checkouts
    on payment_errors.site_id = checkouts.site_id and payment_errors.checkout_id = checkouts.checkout_id
left join {{ source('published', 'sessions') }} as sessions
    on payment_errors.site_id = sessions.site_id and payment_errors.session_id = sessions.session_id
order by newest.occurred_at desc, newest.site_id asc, newest.event_id asc
