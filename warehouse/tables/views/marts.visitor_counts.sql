-- One row per site, day, week, month or year, dimension and value, with the number of visitors.
select
    site_id,
    period,
    first_day,
    last_day,
    dimension,
    value,
    -- Hashes are evenly spread below 2^63.
    cast(
        round(cardinality(least_hashes) * coalesce(9223372036854775808 / cast(threshold as numeric), 1)) as bigint
    ) as visitor_count,
    threshold is null as is_exact
from (
    select
        site_id,
        'day' as period,
        event_date as first_day,
        event_date as last_day,
        dimension,
        value,
        threshold,
        least_hashes
    from marts.daily_visitor_sketches
    union all
    select
        site_id,
        period,
        first_day,
        last_day,
        dimension,
        value,
        threshold,
        least_hashes
    from marts.visitor_sketches
) as sketches
