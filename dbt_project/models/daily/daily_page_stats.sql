-- One row per site, day and path that people viewed.
{{ config(sql_header=no_merge_joins()) }}

with

page_views as (

    select * from {{ ref('int_merged_page_views') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

new_visitors as (

    select distinct
        site_id,
        event_date,
        visitor_id
    from {{ ref('int_merged_sessions') }}
    where start_cause = 'first_visit'

),

names_read as (

    select
        page_views.*,
        {{ key_text('page_views.page_path', '(unknown)', most=600) }} as path,
        case when new_visitors.visitor_id is not null then page_views.visitor_id end as new_visitor_id
    from page_views
    left join new_visitors
        on
            page_views.site_id = new_visitors.site_id
            and page_views.event_date = new_visitors.event_date
            and page_views.visitor_id = new_visitors.visitor_id

),

{{ cap_steps('path', 'count(*)', 'page_path_cap') }},

pages_summed as (

    select
        site_id,
        event_date,
        name as page_path,
        cast(count(*) as integer) as page_view_count,
        cast(count(*) filter (where is_anonymous) as integer) as anonymous_page_view_count,
        cast(count(distinct visitor_id) as integer) as visitor_count,
        cast(count(distinct new_visitor_id) as integer) as new_visitor_count,
        cast(count(distinct session_id) as integer) as session_count,
        cast(count(distinct session_id) filter (where is_engaged_session) as integer)
            as engaged_session_count,
        cast(sum(duration_seconds) as bigint) as page_view_seconds_total,
        cast(count(*) filter (where is_entry) as integer) as entry_count,
        cast(count(*) filter (where is_exit) as integer) as exit_count,
        cast(count(*) filter (where is_entry and is_bounce) as integer) as bounce_count
    from names_capped
    group by site_id, event_date, name

)

select * from pages_summed
