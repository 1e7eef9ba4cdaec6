-- One row per site, day and first week: how many of the replaced visitors and customers were there for the
-- first time in the day's week on that day, as published, and as it will be once the candidates are
-- published. First week is that of their first day ever. A person counts on one day of each week, so that
-- days add up to weeks.
--
-- Weeks are followed up to the twelfth after the first. Robots are left out.

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

visitor_days as (

    select
        site_id,
        visitor_id,
        event_date,
        false as was_there,
        true as is_there
    from {{ ref('sessions') }}
    where not is_bot
    union all
    select
        published.site_id,
        published.visitor_id,
        published.event_date,
        true as was_there,
        replaced_sessions.session_id is null as is_there
    from {{ source('published', 'sessions') }} as published
    inner join {{ ref('replaced_visitors') }} as replaced_visitors
        on {{ same_keys('replaced_visitors', 'published', 'replaced_visitors') }}
    left join {{ ref('replaced_sessions') }} as replaced_sessions
        on {{ same_keys('replaced_sessions', 'published', 'replaced_sessions') }}
    where not published.is_bot

),

visitor_weeks as (

    select
        site_id,
        visitor_id,
        {{ week_of('event_date') }} as week,
        min(event_date) filter (where was_there) as day_before,
        min(event_date) filter (where is_there) as day_after
    from visitor_days
    group by site_id, visitor_id, {{ week_of('event_date') }}

),

customer_days as (

    select
        site_id,
        user_id,
        event_date,
        false as was_there,
        true as is_there
    from {{ ref('customer_days') }}
    union all
    select
        published.site_id,
        published.user_id,
        published.event_date,
        true as was_there,
        replaced_days.site_id is null as is_there
    from {{ source('published', 'customer_days') }} as published
    inner join {{ ref('replaced_customers') }} as replaced_customers
        on {{ same_keys('replaced_customers', 'published', 'replaced_customers') }}
    left join {{ ref('replaced_days') }} as replaced_days
        on {{ same_keys('replaced_days', 'published', 'replaced_days') }}

),

customer_weeks as (

    select
        site_id,
        user_id,
        {{ week_of('event_date') }} as week,
        min(event_date) filter (where was_there) as day_before,
        min(event_date) filter (where is_there) as day_after
    from customer_days
    group by site_id, user_id, {{ week_of('event_date') }}

),

first_weeks_known as (

    -- The visitor remembers a first day whose sessions retention has pruned. Days of customers are kept for
    -- ever.
    select
        'visitor' as kind,
        visitor_weeks.site_id,
        visitor_weeks.week,
        visitor_weeks.day_before,
        visitor_weeks.day_after,
        {{ week_of('published_visitors.first_seen_date') }} as first_week_before,
        {{ week_of('visitors.first_seen_date') }} as first_week_after
    from visitor_weeks
    left join {{ source('published', 'visitors') }} as published_visitors
        on {{ same_keys('replaced_visitors', 'visitor_weeks', 'published_visitors') }}
    left join {{ ref('visitors') }} as visitors
        on {{ same_keys('replaced_visitors', 'visitor_weeks', 'visitors') }}
    union all
    select
        'customer' as kind,
        site_id,
        week,
        day_before,
        day_after,
        {{ week_of('min(day_before) over (partition by site_id, user_id)') }} as first_week_before,
        {{ week_of('min(day_after) over (partition by site_id, user_id)') }} as first_week_after
    from customer_weeks

),

weeks_changed as (

    -- Most weeks of a visitor are over, and stay as they are.
    select * from first_weeks_known
    where
        day_after >= (select min(slice_days.event_date) from slice_days)
        or day_before is distinct from day_after
        or first_week_before is distinct from first_week_after

),

sides as (

    {% for side in ['before', 'after'] -%}
        select
            site_id,
            kind,
            '{{ side }}' as side,
            day_{{ side }} as event_date,
            first_week_{{ side }} as first_week
        from weeks_changed
        where first_week_{{ side }} between week - 7 * 12 and week and day_{{ side }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

days_summed as (

    select
        site_id,
        event_date,
        first_week,
        count(*) filter (where kind = 'visitor' and side = 'before') as visitors_before,
        count(*) filter (where kind = 'visitor' and side = 'after') as visitors_after,
        count(*) filter (where kind = 'customer' and side = 'before') as customers_before,
        count(*) filter (where kind = 'customer' and side = 'after') as customers_after
    from sides
    group by site_id, event_date, first_week

)

select * from days_summed
