-- One row per day, from the year of the first published day to the end of this year.
select
    cast(day as date) as event_date,
    cast(date_trunc('year', day) as date) as year,
    cast(date_trunc('quarter', day) as date) as quarter,
    cast(date_trunc('month', day) as date) as month,
    cast(date_trunc('week', day) as date) as week,
    cast(extract(isoyear from day) as int) as iso_year,
    cast(extract(week from day) as int) as iso_week,
    cast(extract(isodow from day) as int) as weekday,
    to_char(day, 'FMDay') as weekday_name,
    extract(isodow from day) > 5 as is_weekend
from (
    select date_trunc('year', coalesce(min(event_date), current_date)) as first_day
    from marts.daily_stats
) as begun
cross join lateral generate_series(
    cast(first_day as timestamp),
    date_trunc('year', cast(current_date as timestamp)) + interval '1 year - 1 day',
    interval '1 day'
) as day
