-- How far do visitors get in the funnels of the site? Who enters one on several days counts on each.
with

steps as (

    select
        site_id,
        funnel,
        step_number,
        step,
        sum(entered) as entered,
        sum(reached) as reached
    from {{ source('published', 'daily_funnels') }}
    where {{ asked_for('event_date') }}
    group by site_id, funnel, step_number, step

)

select
    site_id,
    funnel,
    step_number,
    step,
    reached,
    lag(reached) over steps_in_order - reached as lost_before,
    round(100.0 * reached / entered, 2) as of_entered_percent
from steps
window steps_in_order as (partition by site_id, funnel order by step_number, step)
order by site_id, funnel, step_number, step
