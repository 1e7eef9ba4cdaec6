-- One row per site, day, funnel and step, where a visitor entered the funnel.
--
-- A visitor's way of a day is a text: the letters of the steps in time order. An event that takes several
-- steps has the last one first, so that it takes one of them.
{{ config(sql_header=hash_joins_only()) }}

with

steps as (

    select * from {{ ref('stg_funnel_steps') }}

),

events as (

    select * from {{ ref('int_merged_events') }}

),

steps_taken as (

    select
        events.site_id,
        events.event_date,
        events.visitor_id,
        events.occurred_at,
        events.session_id,
        events.position,
        steps.funnel,
        steps.letter,
        -steps.step_number as from_the_last
    from events
    inner join steps on {{ takes_step('events', 'steps') }}

),

ways as (

    select
        site_id,
        event_date,
        visitor_id,
        funnel,
        {{ joined_in_order('letter', ['occurred_at', 'session_id', 'position', 'from_the_last']) }} as way
    from steps_taken
    group by site_id, event_date, visitor_id, funnel

),

visitors_counted as (

    select
        ways.site_id,
        ways.event_date,
        ways.funnel,
        steps.step_number,
        steps.step,
        cast(count(*) as integer) as entered,
        cast(count(*) filter (where ways.way like steps.way_pattern) as integer) as reached
    from ways
    inner join steps on ways.site_id = steps.site_id and ways.funnel = steps.funnel
    where ways.way like '%a%'
    group by ways.site_id, ways.event_date, ways.funnel, steps.step_number, steps.step

)

select * from visitors_counted
