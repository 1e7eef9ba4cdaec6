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

steps as (

    select
        site_id,
        step_number,
        step,
        sum(entered) as entered,
        sum(completed) as completed
    from {{ source('published', 'daily_funnel') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, step_number, step
    union all
    select
        site_id,
        step_number,
        {{ funnel_step('step_number') }} as step,
        count(*) as entered,
        case when step_number = 6 then count(*) else count(completed_at) end as completed
    from steps_entered
    where {{ is_narrowed() }}
    group by site_id, step_number

)

select
    site_id,
    step_number,
    step,
    entered,
    completed,
    entered - completed as abandoned,
    round(100.0 * completed / entered, 2) as completed_percent,
    round(100.0 * entered / max(entered) over (partition by site_id), 2) as of_visits_percent
from steps
order by site_id, step_number
