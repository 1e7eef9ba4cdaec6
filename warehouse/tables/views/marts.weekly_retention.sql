-- One row per site, first week and week since then, up to the twelfth: how many of those who came first in that week
-- came in this one. Weeks that have not begun have no rows.
with

weeks_summed as (

    select
        site_id,
        first_week,
        week_number,
        cast(sum(visitor_count) as int) as visitor_count,
        cast(sum(customer_count) as int) as customer_count
    from marts.daily_retention
    group by site_id, first_week, week_number

),

last_days as (

    select
        site_id,
        max(event_date) as last_day
    from marts.daily_stats
    group by site_id

),

weeks_followed as (

    select
        firsts.site_id,
        firsts.first_week,
        numbers.week_number,
        firsts.first_week + 7 * numbers.week_number as week,
        last_days.last_day,
        firsts.visitor_count as new_visitor_count,
        firsts.customer_count as new_customer_count
    from weeks_summed as firsts
    inner join last_days on firsts.site_id = last_days.site_id
    cross join generate_series(0, 12) as numbers (week_number)
    where firsts.week_number = 0 and (firsts.visitor_count > 0 or firsts.customer_count > 0)

),

returns_found as (

    select
        weeks_followed.*,
        coalesce(weeks_summed.visitor_count, 0) as visitor_count,
        coalesce(weeks_summed.customer_count, 0) as customer_count
    from weeks_followed
    left join weeks_summed
        on
            weeks_followed.site_id = weeks_summed.site_id
            and weeks_followed.first_week = weeks_summed.first_week
            and weeks_followed.week_number = weeks_summed.week_number
    where weeks_followed.week <= weeks_followed.last_day

)

select
    site_id,
    first_week,
    week_number,
    week,
    week + 6 <= last_day as is_over,
    new_visitor_count,
    visitor_count,
    round(cast(visitor_count as numeric) / nullif(new_visitor_count, 0), 4) as visitor_retention_rate,
    new_customer_count,
    customer_count,
    round(cast(customer_count as numeric) / nullif(new_customer_count, 0), 4) as customer_retention_rate
from returns_found
