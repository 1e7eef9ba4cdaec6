-- One row per site, day and first week: who was there for the first time in the day's week. View
-- marts.weekly_retention adds up the days of a week.

with

week_starters as (

    select * from {{ ref('int_week_starters') }}

),

replaced_days as (

    select
        replaced.site_id,
        replaced.event_date,
        {{ week_of('replaced.event_date') }} as week,
        recounted.site_id is not null as is_recounted,
        days.site_id is not null and daily_stats.site_id is null as is_left_alone,
        daily_stats.site_id is not null as has_people
    from {{ ref('replaced_retention_days') }} as replaced
    left join {{ ref('int_recounted_days') }} as recounted
        on replaced.site_id = recounted.site_id and replaced.event_date = recounted.event_date
    left join {{ ref('replaced_days') }} as days on {{ same_keys('replaced_days', 'replaced', 'days') }}
    left join {{ ref('daily_stats') }} as daily_stats
        on {{ same_keys('replaced_days', 'replaced', 'daily_stats') }}

),

counts as (

    select
        published.site_id,
        published.event_date,
        published.first_week,
        published.visitor_count,
        published.customer_count
    from {{ source('published', 'daily_retention') }} as published
    inner join replaced_days
        on published.site_id = replaced_days.site_id and published.event_date = replaced_days.event_date
    where not replaced_days.is_recounted and not replaced_days.is_left_alone
    union all
    select
        week_starters.site_id,
        week_starters.event_date,
        week_starters.first_week,
        week_starters.visitors_after
        - case when replaced_days.is_recounted then 0 else week_starters.visitors_before end as visitor_count,
        week_starters.customers_after
        - case
            when replaced_days.is_recounted then 0 else week_starters.customers_before
        end as customer_count
    from week_starters
    inner join replaced_days
        on
            week_starters.site_id = replaced_days.site_id
            and week_starters.event_date = replaced_days.event_date
    where not replaced_days.is_left_alone
    union all
    -- A day with people has a row of its own week, though nobody be new: it says that the day was counted.
    select
        site_id,
        event_date,
        week as first_week,
        0 as visitor_count,
        0 as customer_count
    from replaced_days
    where has_people

),

counts_summed as (

    select
        site_id,
        event_date,
        first_week,
        {{ week_of('event_date') }} as week,
        sum(visitor_count) as visitor_count,
        sum(customer_count) as customer_count
    from counts
    group by site_id, event_date, first_week

),

columns_named as (

    select
        site_id,
        event_date,
        first_week,
        cast({{ quotient(days_between('first_week', 'week'), 7) }} as integer) as week_number,
        cast(greatest(visitor_count, 0) as integer) as visitor_count,
        cast(greatest(customer_count, 0) as integer) as customer_count
    from counts_summed
    where visitor_count > 0 or customer_count > 0 or first_week = week

)

select * from columns_named
