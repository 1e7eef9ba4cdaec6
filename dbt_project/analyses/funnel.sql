-- How far do sessions get, from their start to the purchase, and where are they lost?
with

sessions as (

    {{ narrowed_sessions() }}

),

page_views as (

    select page_views.*
    from {{ source('published', 'page_views') }} as page_views
    inner join sessions
        on page_views.site_id = sessions.site_id and page_views.session_id = sessions.session_id
    where {{ is_narrowed() }}

),

commerce_events as (

    select commerce_events.*
    from {{ source('published', 'commerce_events') }} as commerce_events
    inner join sessions
        on commerce_events.site_id = sessions.site_id and commerce_events.session_id = sessions.session_id
    where {{ is_narrowed() }}

),

{{ funnel_steps() }},

steps_summed as (

    select
        site_id,
        step_number,
        count(*) as entered,
        case when step_number = 6 then count(*) else count(completed_at) end as completed
    from steps_entered
    group by site_id, step_number

),

steps as (

    select
        site_id,
        step_number,
        step,
        sum(entered) as entered,
        sum(completed) as completed,
        -- Unknown where a day of them has none: it was built before there was the column.
        case when count(reached) = count(*) then sum(reached) end as reached
    from {{ source('published', 'daily_funnel') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, step_number, step
    union all
    select
        days.site_id,
        days.step_number,
        {{ funnel_step('days.step_number') }} as step,
        coalesce(max(steps_summed.entered), 0) as entered,
        coalesce(max(steps_summed.completed), 0) as completed,
        sum(days.reached) as reached
    from steps_reached as days
    left join steps_summed
        on days.site_id = steps_summed.site_id and days.step_number = steps_summed.step_number
    where {{ is_narrowed() }}
    group by days.site_id, days.step_number

)

select
    site_id,
    step_number,
    step,
    entered,
    completed,
    entered - completed as abandoned,
    round(100.0 * completed / nullif(entered, 0), 2) as completed_percent,
    round(100.0 * entered / max(entered) over (partition by site_id), 2) as of_visits_percent,
    reached,
    round(100.0 * reached / max(reached) over (partition by site_id), 2) as reached_percent
from steps
order by site_id, step_number
