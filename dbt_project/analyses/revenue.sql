-- What was sold, by day and currency? Money of two currencies is never added up.
select
    site_id,
    event_date,
    currency,
    count(*) filter (where order_type = 'order') as order_count,
    count(*) filter (where order_type = 'booking') as booking_count,
    sum(amount) as revenue
from {{ source('published', 'orders') }}
where
    not is_bot
    and {{ asked_for('event_date') }}
    and {{ of_narrowed_session() }}
group by site_id, event_date, currency
order by site_id, event_date, currency
