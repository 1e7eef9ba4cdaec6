-- How many of those who came first in a week come again, week by week? `--days 91` asks for 13 first weeks.
-- Of visitors, and of users who signed in.
select
    site_id,
    first_week,
    week_number,
    week,
    is_over,
    new_visitor_count,
    visitor_count,
    round(100 * visitor_retention_rate, 2) as visitor_percent,
    new_customer_count,
    customer_count,
    round(100 * customer_retention_rate, 2) as customer_percent
from {{ source('marts_views', 'weekly_retention') }}
where {{ asked_for('first_week') }}
order by first_week desc, site_id asc, week_number asc
