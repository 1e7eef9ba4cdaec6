-- One row per site, day beyond the slice, and cause. The day's figures change although none of its sessions
-- does, because a conversion or the first report of an order moves from it or to it, appears or vanishes, or
-- because a later report adds the amount of an order.

with

moved as (

    {{ moved_days('conversions', 'replaced_visitors', ['session_id'], 'identity') }}
    union
    {{ moved_days(
        'orders', 'replaced_orders', ['event_id', 'amount', 'currency', 'service'], 'order_moved'
    ) }}

),

dirty_days as (

    select distinct
        site_id,
        event_date
    from {{ source('ops', 'dirty_days') }}

),

beyond_the_slice as (

    -- A dirty day gets a build of its own. A frozen day stays as it is published.
    select moved.*
    from moved
    left join dirty_days on moved.site_id = dirty_days.site_id and moved.event_date = dirty_days.event_date
    where
        dirty_days.event_date is null
        and moved.event_date not in (
            select slice_days.event_date from {{ source('audit', 'slice_days') }} as slice_days
        )
        and moved.event_date not in (
            select frozen_days.event_date from {{ source('ops', 'frozen_days') }} as frozen_days
        )

),

sessions_left as (

    select
        published.site_id,
        published.event_date,
        count(*) as session_count
    from {{ source('published', 'sessions') }} as published
    where
        not published.is_bot
        and published.event_date in (select beyond_the_slice.event_date from beyond_the_slice)
    group by published.site_id, published.event_date

),

days_compared as (

    -- Figures are summed again from published rows. That is possible only where retention pruned none of
    -- them.
    select
        beyond_the_slice.site_id,
        beyond_the_slice.event_date,
        beyond_the_slice.cause,
        coalesce(sessions_left.session_count, 0) = coalesce(daily_stats.session_count, 0) as is_whole
    from beyond_the_slice
    left join sessions_left
        on
            beyond_the_slice.site_id = sessions_left.site_id
            and beyond_the_slice.event_date = sessions_left.event_date
    left join {{ source('published', 'daily_stats') }} as daily_stats
        on
            beyond_the_slice.site_id = daily_stats.site_id
            and beyond_the_slice.event_date = daily_stats.event_date

)

select * from days_compared
