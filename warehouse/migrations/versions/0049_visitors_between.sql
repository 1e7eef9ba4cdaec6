create function {schema}.visitors_between(site text, first_day date, last_day date, dimension text default 'all')
returns table (value text, visitor_count bigint, margin bigint)
language sql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with

    bounds as materialized (

        select {whole_until} as whole_until

    ),

    -- The largest pieces that lie within the days asked for. One too many would change nothing: visitors count once.
    pieces as materialized (

        select s.value, s.threshold, s.least_hashes
        from {schema}.visitor_sketches as s
        cross join bounds as b
        where
            s.site_id = $1
            and s.dimension = $4
            and s.first_day >= $2
            and s.last_day <= b.whole_until
            and case s.period
                when 'year' then true
                when 'month'
                    then
                        date_trunc('year', s.first_day)::date < $2
                        or (date_trunc('year', s.first_day) + interval '1 year')::date > b.whole_until + 1
                else
                    date_trunc('month', s.first_day)::date < $2
                    or (date_trunc('month', s.last_day) + interval '1 month')::date > b.whole_until + 1
            end
        union all
        select d.value, d.threshold, d.least_hashes
        from {schema}.daily_visitor_sketches as d
        cross join bounds as b
        where
            d.site_id = $1
            and d.dimension = $4
            and d.event_date between $2 and $3
            and (
                date_trunc('month', d.event_date)::date < $2
                or (date_trunc('month', d.event_date) + interval '1 month')::date > b.whole_until + 1
            )
            and (
                date_trunc('week', d.event_date)::date < $2
                or date_trunc('week', d.event_date)::date + 6 > b.whole_until
            )

    ),

    thresholds as (

        select p.value, min(p.threshold) as threshold
        from pieces as p
        group by p.value

    ),

    counted as (

        -- One value after the other: sorting hashes beside texts takes ten times as long.
        select t.value, t.threshold, o.hash_count
        from thresholds as t
        cross join lateral (
            select count(distinct h.visitor_hash) as hash_count
            from pieces as p
            cross join unnest(p.least_hashes) as h (visitor_hash)
            where p.value = t.value and (t.threshold is null or h.visitor_hash < t.threshold)
        ) as o

    ),

    -- A day that was published before there were sketches has none.
    known as materialized (

        select not exists (
            select from {schema}.daily_stats as d
            where
                d.site_id = $1
                and d.event_date between $2 and $3
                and not exists (
                    select from {schema}.daily_visitor_sketches as s
                    where s.site_id = $1 and s.event_date = d.event_date and s.dimension = 'all'
                )
        ) as is_known

    ),

    -- Hashes are evenly spread below 2^63: so many below the threshold mean so many in all.
    estimated as (

        select
            c.value,
            c.threshold,
            c.hash_count,
            c.hash_count * coalesce(9223372036854775808 / c.threshold::numeric, 1) as visitor_count
        from counted as c
        cross join known as k
        where k.is_known

    )

    select
        e.value,
        round(e.visitor_count)::bigint,
        case when e.threshold is null then 0 else ceil(1.96 * e.visitor_count / sqrt(e.hash_count::numeric)) end::bigint
    from estimated as e
    order by 2 desc, 1
$$;
comment on function {schema}.visitors_between is
'Visitors of a site from one day to another, both included, each counted once: of `all`, or by `channel`,
`device_type` or `country_code`. margin is half the interval of 95 per cent; 0: exact. No rows where no one came, or where
a day was published before there were sketches.';
