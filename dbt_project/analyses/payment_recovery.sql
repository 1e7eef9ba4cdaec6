-- Which payment errors are tried again, and with what success?
select
    site_id,
    error_code,
    payment_method,
    count(*) as error_count,
    count(*) filter (where is_retried) as retried_count,
    count(*) filter (where is_recovered) as recovered_count,
    round(100.0 * count(*) filter (where is_recovered) / count(*), 2) as recovered_percent
from {{ source('published', 'payment_errors') }}
where
    not is_bot
    and {{ asked_for('event_date') }}
    and {{ of_narrowed_session() }}
group by site_id, error_code, payment_method
order by error_count desc, site_id asc, error_code asc, payment_method asc
limit {{ asked('rows') }}
