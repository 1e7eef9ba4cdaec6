{#
    CTEs of the way to a purchase, of CTEs `sessions`, `page_views` and `commerce_events`. `steps_entered` has one row for
    each step that a session entered, and when it took a later one. `steps_reached` has one row per site, day and step,
    with the sessions that entered it or a later one: also where all of them left that step out.
#}
{% macro funnel_steps() -%}
steps_taken as (

    -- A successful payment is a step into payment and a purchase.
    select
        site_id,
        event_date,
        session_id,
        1 as step_number,
        started_at as taken_at
    from sessions
    union all
    select
        site_id,
        event_date,
        session_id,
        case page_type when 'category' then 2 else 3 end as step_number,
        entered_at as taken_at
    from page_views
    where page_type in ('category', 'offer')
    union all
    select
        site_id,
        event_date,
        session_id,
        4 as step_number,
        occurred_at as taken_at
    from commerce_events
    where event_name = 'checkout_started'
    union all
    select
        site_id,
        event_date,
        session_id,
        5 as step_number,
        occurred_at as taken_at
    from commerce_events
    where event_name in ('payment_started', 'payment_failed', 'payment_succeeded')
    union all
    select
        site_id,
        event_date,
        session_id,
        6 as step_number,
        occurred_at as taken_at
    from commerce_events
    where event_name in ('payment_succeeded', 'order_placed', 'booking_placed')

),

steps_followed as (

    -- followed_at: when the session first took any later step, at the moment of this one or afterwards.
    select
        *,
        case step_number
            when 1 then min(case when step_number > 1 then taken_at end) over following
            when 2 then min(case when step_number > 2 then taken_at end) over following
            when 3 then min(case when step_number > 3 then taken_at end) over following
            when 4 then min(case when step_number > 4 then taken_at end) over following
            when 5 then min(case when step_number > 5 then taken_at end) over following
        end as followed_at
    from steps_taken
    window following as (partition by session_id, site_id order by taken_at desc)

),

steps_entered as (

    select
        site_id,
        event_date,
        session_id,
        step_number,
        min(taken_at) as entered_at,
        -- The earliest followed_at is the one that belongs to the first time the step was taken.
        min(followed_at) as completed_at
    from steps_followed
    group by site_id, event_date, session_id, step_number

),

sessions_by_furthest_step as (

    select
        site_id,
        event_date,
        furthest_step,
        count(*) as session_count
    from (
        select
            site_id,
            event_date,
            session_id,
            max(step_number) as furthest_step
        from steps_entered
        group by site_id, event_date, session_id
    ) as sessions_followed
    group by site_id, event_date, furthest_step

),

steps_numbered as (

    {% for number in range(1, 7) -%}
        select {{ number }} as step_number
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

steps_reached as (

    select
        sessions_by_furthest_step.site_id,
        sessions_by_furthest_step.event_date,
        steps_numbered.step_number,
        sum(sessions_by_furthest_step.session_count) as reached
    from sessions_by_furthest_step
    inner join steps_numbered on sessions_by_furthest_step.furthest_step >= steps_numbered.step_number
    group by
        sessions_by_furthest_step.site_id, sessions_by_furthest_step.event_date, steps_numbered.step_number

)
{%- endmacro %}

{# The name of a step. #}
{% macro funnel_step(number) -%}
    case {{ number }}
            when 1 then 'visit'
            when 2 then 'category'
            when 3 then 'offer'
            when 4 then 'checkout'
            when 5 then 'payment'
            else 'purchase'
        end
{%- endmacro %}
