-- Which checkouts were there, how far did they get, and what failed?
with

newest as (

    {{ newest('checkouts', 'started_at', 'checkout_id', narrowed=true) }}

)

select
    checkouts.site_id,
    checkouts.checkout_id,
    checkouts.user_id,
    checkouts.status,
    checkouts.abandoned_step,
    checkouts.items,
    checkouts.item_count,
    checkouts.amount,
    checkouts.currency,
    checkouts.payment_method,
    checkouts.started_at,
    checkouts.checkout_started_at,
    checkouts.payment_started_at,
    checkouts.first_failed_at,
    checkouts.succeeded_at,
    checkouts.ended_at,
    checkouts.seconds_to_success,
    checkouts.order_id,
    checkouts.error_count,
    checkouts.retry_count,
    checkouts.is_recovered,
    checkouts.last_error_code,
    checkouts.last_error_message,
    last_errors.error_details as last_error_details,
    newest.total
from newest
inner join {{ source('published', 'checkouts') }} as checkouts
    on newest.site_id = checkouts.site_id and newest.checkout_id = checkouts.checkout_id
left join lateral (
    select payment_errors.error_details
    from {{ source('published', 'payment_errors') }} as payment_errors
    where payment_errors.site_id = checkouts.site_id and payment_errors.checkout_id = checkouts.checkout_id
    order by payment_errors.attempt_number desc
    limit 1
) as last_errors on true
order by newest.started_at desc, newest.site_id asc, newest.checkout_id asc
