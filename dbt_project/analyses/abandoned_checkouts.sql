-- At which step are checkouts given up, and how much money with them?
select
    site_id,
    abandoned_step,
    currency,
    count(*) as checkouts,
    sum(amount) as amount,
    sum(error_count) as payment_errors
from {{ source('published', 'checkouts') }}
where status = 'abandoned' and not is_bot and {{ asked_for('checkout_date') }}
group by site_id, abandoned_step, currency
order by checkouts desc, site_id asc, abandoned_step asc, currency asc
