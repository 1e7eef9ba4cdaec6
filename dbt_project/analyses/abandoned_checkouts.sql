-- Where do checkouts end without a purchase, and how much money is lost with them?
select
    site_id,
    status,
    abandoned_step,
    currency,
    count(*) as checkouts,
    sum(amount) as amount,
    sum(error_count) as payment_errors
from {{ source('published', 'checkouts') }}
where status <> 'succeeded' and not is_bot and {{ asked_for('checkout_date') }}
group by site_id, status, abandoned_step, currency
order by checkouts desc, site_id asc, status asc, abandoned_step asc nulls last, currency asc nulls last
