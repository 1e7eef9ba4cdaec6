-- One row per site, day and community that people visited.
{{ config(sql_header=no_merge_joins()) }}

with

visits as (

    select * from {{ ref('int_merged_community_visits') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

names_read as (

    select
        site_id,
        event_date,
        {{ key_text('community_id', '(unknown)', most=128) }} as community,
        community_slug,
        visitor_id,
        user_id,
        coalesce(is_cross_division, false) as is_cross_division
    from visits

),

{{ cap_steps('community', 'count(*)', 'community_cap') }},

communities_counted as (

    -- A visitor who is signed in at one visit of the day counts as signed in.
    select
        site_id,
        event_date,
        name as community_id,
        case when name <> '(other)' then max(community_slug) end as community_slug,
        count(*) as visit_count,
        count(distinct visitor_id) as visitor_count,
        count(distinct visitor_id) filter (where user_id is not null) as signed_in_visitor_count,
        count(*) filter (where is_cross_division) as cross_division_visit_count,
        count(distinct visitor_id) filter (where is_cross_division) as cross_division_visitor_count
    from names_capped
    group by site_id, event_date, name

),

columns_named as (

    select
        site_id,
        event_date,
        community_id,
        community_slug,
        cast(visit_count as integer) as visit_count,
        cast(visitor_count as integer) as visitor_count,
        cast(signed_in_visitor_count as integer) as signed_in_visitor_count,
        cast(visitor_count - signed_in_visitor_count as integer) as anonymous_visitor_count,
        round(100 * cast(signed_in_visitor_count as numeric(18, 0)) / visitor_count, 2) as signed_in_share,
        cast(cross_division_visit_count as integer) as cross_division_visit_count,
        cast(cross_division_visitor_count as integer) as cross_division_visitor_count
    from communities_counted

)

select * from columns_named
