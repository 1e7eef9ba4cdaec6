-- One row per published session that the candidates replace: those dated on the days being built, and those
-- of the runs of activity that cross the slice's borders.

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

border_runs as (

    select * from {{ ref('int_border_runs') }}

),

of_the_slice as (

    select
        published_sessions.site_id,
        published_sessions.session_id
    from {{ source('published', 'sessions') }} as published_sessions
    inner join slice_days
        on
            published_sessions.site_id = slice_days.site_id
            and published_sessions.event_date = slice_days.event_date

),

of_border_runs as (

    select
        published_sessions.site_id,
        published_sessions.session_id
    from {{ source('published', 'sessions') }} as published_sessions
    inner join border_runs on {{ starts_within('published_sessions', 'border_runs') }}

)

select * from of_the_slice
union all
select * from of_border_runs
