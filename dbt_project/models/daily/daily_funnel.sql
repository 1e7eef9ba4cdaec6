-- One row per site, day and step of the way to a purchase that people's sessions entered.

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

    select
        site_id,
        event_date,
        step_number,
        {{ funnel_step('step_number') }} as step,
        cast(entered as integer) as entered,
        cast(completed as integer) as completed,
        cast(entered - completed as integer) as abandoned,
        cast(median_seconds as numeric(12, 1)) as median_seconds
    from steps_summed

)

select * from columns_named
