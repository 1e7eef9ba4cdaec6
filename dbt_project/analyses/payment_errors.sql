-- Which payments failed, and what became of them?
with

payment_errors as (

    -- The page, before what joins it row by row.
    select
        *,
        count(*) over () as total
    from {{ source('published', 'payment_errors') }}
    where
        not is_bot
        and {{ asked_for('event_date') }}
        and {{ of_narrowed_session() }}
    order by occurred_at desc, site_id asc, event_id asc
    limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}

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
    payment_errors.total
from payment_errors
left join {{ source('published', 'checkouts') }} as checkouts
    on payment_errors.site_id = checkouts.site_id and payment_errors.checkout_id = checkouts.checkout_id
left join {{ source('published', 'sessions') }} as sessions
    on payment_errors.site_id = sessions.site_id and payment_errors.session_id = sessions.session_id
order by payment_errors.occurred_at desc, payment_errors.site_id asc, payment_errors.event_id asc
