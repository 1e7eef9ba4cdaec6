-- One row per site, day and step of the way to a purchase, up to the last one that people's sessions reached.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

page_views as (

    select * from {{ ref('int_merged_page_views') }}

),

commerce_events as (

    select * from {{ ref('int_merged_commerce_events') }}

),

{{ funnel_steps() }},

steps_summed as (

    select
        site_id,
        event_date,
        step_number,
        count(*) as entered,
        case when step_number = 6 then count(*) else count(completed_at) end as completed,
        percentile_cont(0.5) within group (
            order by {{ seconds_between('entered_at', 'completed_at') }}
        ) as median_seconds
    from steps_entered
    group by site_id, event_date, step_number

),

columns_named as (

    -- A step that all sessions left out on their way has a row, too: sums over days stay nested.
    select
        steps_reached.site_id,
        steps_reached.event_date,
        steps_reached.step_number,
        {{ funnel_step('steps_reached.step_number') }} as step,
        cast(coalesce(steps_summed.entered, 0) as integer) as entered,
        cast(coalesce(steps_summed.completed, 0) as integer) as completed,
        cast(coalesce(steps_summed.entered - steps_summed.completed, 0) as integer) as abandoned,
        cast(steps_reached.reached as integer) as reached,
        cast(steps_summed.median_seconds as numeric(12, 1)) as median_seconds
    from steps_reached
    left join steps_summed
        on
            steps_reached.site_id = steps_summed.site_id
            and steps_reached.event_date = steps_summed.event_date
            and steps_reached.step_number = steps_summed.step_number

)

select * from columns_named
