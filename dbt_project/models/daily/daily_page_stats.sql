-- One row per site, day and path that people viewed.

with

visits as (

    select * from {{ ref('int_merged_page_views') }}

),

names_read as (

    select
        *,
        {{ key_text('page_path', '(unknown)', most=600) }} as path
    from visits

),

{{ cap_steps('path', 'count(*)', var('page_path_cap')) }},

pages_summed as (

    select
        site_id,
        session_date as stat_date,
        name as page_path,
        cast(count(*) as integer) as views,
        cast(count(*) filter (where user_id is null) as integer) as anonymous_views,
        cast(count(distinct visitor_id) as integer) as visitors,
        cast(count(distinct session_id) as integer) as sessions,
        cast(count(distinct session_id) filter (where is_engaged_session) as integer) as engaged_sessions,
        cast(sum(duration_seconds) as bigint) as seconds_total,
        cast(count(*) filter (where is_entry) as integer) as entries,
        cast(count(*) filter (where is_exit) as integer) as exits,
        cast(count(*) filter (where is_entry and is_bounce) as integer) as bounces
    from names_capped
    group by site_id, session_date, name

)

select * from pages_summed
