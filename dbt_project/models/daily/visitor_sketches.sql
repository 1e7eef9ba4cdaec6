-- One row per site, week, month or year, dimension and value: the sketches of its days in one. A year is made
-- of its months.
{% set keys = ['site_id', 'period', 'first_day', 'last_day', 'dimension', 'value'] %}

with

periods as (

    select * from {{ ref('replaced_visitor_periods') }}

),

candidates as (

    select * from {{ ref('daily_visitor_sketches') }}

),

day_sketches as (

    select
        periods.site_id,
        periods.period,
        periods.first_day,
        periods.last_day,
        candidates.dimension,
        candidates.value,
        candidates.threshold,
        candidates.least_hashes
    from candidates
    inner join periods
        on
            candidates.site_id = periods.site_id
            and candidates.event_date between periods.first_day and periods.last_day
    where periods.period <> 'year'
    union all
    select
        periods.site_id,
        periods.period,
        periods.first_day,
        periods.last_day,
        published.dimension,
        published.value,
        published.threshold,
        published.least_hashes
    from {{ source('published', 'daily_visitor_sketches') }} as published
    inner join periods
        on
            published.site_id = periods.site_id
            and published.event_date between periods.first_day and periods.last_day
    left join {{ ref('replaced_days') }} as replaced_days
        on {{ same_keys('replaced_days', 'published', 'replaced_days') }}
    where periods.period <> 'year' and replaced_days.site_id is null

),

day_numbered as (

    {{ numbered_sketches('day_sketches', keys) | indent(4) }}

),

day_names as (

    select distinct
        sketch_number,
        {{ keys | join(',\n        ') }}
    from day_numbered

),

day_hashes as (

    {{ hashes_below('day_numbered') | indent(4) }}

),

day_sketches_merged as (

    {{ sketches_of('day_hashes', ['sketch_number']) | indent(4) }}

),

weeks_and_months as (

    select
        {% for key in keys -%}
            named.{{ key }},
        {% endfor -%}
        merged.threshold,
        merged.least_hashes
    from day_sketches_merged as merged
    inner join day_names as named on merged.sketch_number = named.sketch_number

),

month_sketches as (

    select
        site_id,
        first_day,
        dimension,
        value,
        threshold,
        least_hashes
    from weeks_and_months
    where period = 'month'
    union all
    select
        published.site_id,
        published.first_day,
        published.dimension,
        published.value,
        published.threshold,
        published.least_hashes
    from {{ source('published', 'visitor_sketches') }} as published
    left join periods on {{ same_keys('replaced_visitor_periods', 'published', 'periods') }}
    where published.period = 'month' and periods.site_id is null

),

year_sketches as (

    select
        periods.site_id,
        periods.period,
        periods.first_day,
        periods.last_day,
        month_sketches.dimension,
        month_sketches.value,
        month_sketches.threshold,
        month_sketches.least_hashes
    from month_sketches
    inner join periods
        on
            month_sketches.site_id = periods.site_id
            and month_sketches.first_day between periods.first_day and periods.last_day
    where periods.period = 'year'

),

year_numbered as (

    {{ numbered_sketches('year_sketches', keys) | indent(4) }}

),

year_names as (

    select distinct
        sketch_number,
        {{ keys | join(',\n        ') }}
    from year_numbered

),

year_hashes as (

    {{ hashes_below('year_numbered') | indent(4) }}

),

year_sketches_merged as (

    {{ sketches_of('year_hashes', ['sketch_number']) | indent(4) }}

),

years as (

    select
        {% for key in keys -%}
            named.{{ key }},
        {% endfor -%}
        merged.threshold,
        merged.least_hashes
    from year_sketches_merged as merged
    inner join year_names as named on merged.sketch_number = named.sketch_number

)

select * from weeks_and_months
union all
select * from years
