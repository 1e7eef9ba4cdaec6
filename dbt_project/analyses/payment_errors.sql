-- Which payments failed, and what became of them?
select
    site_id,
    occurred_at,
    user_id,
    checkout_id,
    error_code,
    error_message,
    payment_method,
    amount,
    currency,
    item_count,
    browser,
    attempt_number,
    is_retried,
    retried_at,
    is_recovered,
    recovered_at,
    count(*) over () as total
from {{ source('published', 'payment_errors') }}
where not is_bot and {{ asked_for('event_date') }}
order by occurred_at desc, site_id asc, event_id asc
limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
