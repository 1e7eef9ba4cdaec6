-- Where do checkouts end without a purchase, and how much money is lost with them?
select
    site_id,
    status,
    abandoned_step,
    currency,
    count(*) as checkout_count,
    sum(amount) as amount,
    sum(error_count) as error_count
from {{ source('published', 'checkouts') }}
where
    status <> 'succeeded'
    and not is_bot
    and {{ asked_for('event_date') }}
    and {{ of_narrowed_session() }}
group by site_id, status, abandoned_step, currency
order by checkout_count desc, site_id asc, status asc, abandoned_step asc nulls last, currency asc nulls last
