-- Which payments failed in the last 24 hours, and what became of them? Within seconds of landing.
select
    site_id,
    event_id,
    occurred_at,
    user_id,
    checkout_id,
    error_code,
    error_message,
    amount,
    currency,
    payment_method,
    device_type,
    browser,
    os,
    is_retried,
    retried_at,
    is_recovered,
    recovered_at
from {{ source('live', 'payment_errors') }}
where {{ of_site() }}
order by occurred_at desc, site_id asc, event_id asc
limit {{ asked('rows') }}
