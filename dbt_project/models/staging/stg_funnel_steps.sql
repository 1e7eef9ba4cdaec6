-- One row per step of a funnel of a site being built, as they were when the build began.
--
-- Each step has a letter. The way of a visitor, written as the letters of the steps taken in time order, has
-- come as far as a step where it matches the step's pattern: %a%b% for the second.
{% set letters = 'abcdefghijklmnopqrst' %}

with

funnels as (

    select * from {{ source('ops', 'funnels') }}
    where site_id in (select slice_days.site_id from {{ source('audit', 'slice_days') }} as slice_days)

),

steps_listed as (

    select
        funnels.site_id,
        funnels.funnel,
        cast(listed.step_number as integer) as step_number,
        listed.step
    from funnels
    cross join lateral {{ texts_listed('funnels.steps') }} as listed (step, step_number)

),

steps_read as (

    select
        site_id,
        funnel,
        step_number,
        step,
        {{ event_of_step('step') }} as event_name,
        {{ path_of_step('step') }} as page_pattern,
        substring('{{ letters }}', step_number, 1) as letter,
        '%' || left('{{ letters | list | join('%') }}', 2 * step_number - 1) || '%' as way_pattern
    from steps_listed

)

select * from steps_read
