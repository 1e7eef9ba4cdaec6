-- One row per site, day and community that people visited.

with

visits as (

    select * from {{ ref('int_merged_community_visits') }}

),

names_read as (

    select
        site_id,
        session_date,
        {{ key_text('community_id', '(unknown)', most=128) }} as community,
        community_slug,
        visitor_id,
        user_id,
        coalesce(is_cross_division, false) as is_cross_division
    from visits

),

{{ cap_steps('community', 'count(*)', var('community_cap')) }},

communities_counted as (

    -- Who is signed in at one visit is signed in.
    select
        site_id,
        session_date as stat_date,
        name as community_id,
        case when name <> '(other)' then max(community_slug) end as community_slug,
        count(*) as visits,
        count(distinct visitor_id) as visitors,
        count(distinct visitor_id) filter (where user_id is not null) as signed_in_visitors,
        count(*) filter (where is_cross_division) as cross_division_visits,
        count(distinct visitor_id) filter (where is_cross_division) as cross_division_visitors
    from names_capped
    group by site_id, session_date, name

),

columns_named as (

    select
        site_id,
        stat_date,
        community_id,
        community_slug,
        cast(visits as integer) as visits,
        cast(visitors as integer) as visitors,
        cast(signed_in_visitors as integer) as signed_in_visitors,
        cast(visitors - signed_in_visitors as integer) as anonymous_visitors,
        round(100 * cast(signed_in_visitors as numeric) / visitors, 2) as signed_in_share,
        cast(cross_division_visits as integer) as cross_division_visits,
        cast(cross_division_visitors as integer) as cross_division_visitors
    from communities_counted

)

select * from columns_named
