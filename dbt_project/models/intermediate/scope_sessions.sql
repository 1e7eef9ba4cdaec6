-- One row per published session that the candidates replace: those dated on the days being built, and those of the
-- runs of activity that cross the slice's borders.

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

published_sessions as (

    select * from {{ source('published', 'sessions') }}

),

session_events as (

    select * from {{ ref('int_session_events') }}

),

edges as (

    -- What was read of a run outside the slice.
    select
        site_id,
        visitor_id,
        run_number,
        min(occurred_at) as from_at,
        max(occurred_at) as to_at
    from session_events
    where event_date not in (select slice_days.event_date from slice_days) or not is_of_slice
    group by site_id, visitor_id, run_number

),

of_the_slice as (

    select
        published_sessions.site_id,
        published_sessions.session_id
    from published_sessions
    inner join slice_days
        on
            published_sessions.site_id = slice_days.site_id
            and published_sessions.session_date = slice_days.event_date

),

of_the_edges as (

    select
        published_sessions.site_id,
        published_sessions.session_id
    from published_sessions
    inner join edges
        on
            published_sessions.site_id = edges.site_id
            and published_sessions.visitor_id = edges.visitor_id
            and published_sessions.started_at between edges.from_at and edges.to_at
    where
        published_sessions.session_date between (select min(slice_days.event_date) - 2 from slice_days)
        and (select max(slice_days.event_date) + 2 from slice_days)
        and published_sessions.session_date not in (
            select dirty_days.event_date from {{ source('ops', 'dirty_days') }} as dirty_days
        )

)

select * from of_the_slice
union
select * from of_the_edges
