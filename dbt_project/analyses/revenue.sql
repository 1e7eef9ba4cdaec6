-- What was sold, by day and currency? Money of two currencies is never added up.
select
    site_id,
    order_date,
    currency,
    count(*) filter (where order_type = 'order') as orders,
    count(*) filter (where order_type = 'booking') as bookings,
    sum(amount) as revenue
from {{ source('published', 'orders') }}
where not is_bot and {{ asked_for('order_date') }}
group by site_id, order_date, currency
order by site_id, order_date, currency
