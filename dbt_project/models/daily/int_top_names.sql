-- One row per site and day with the most frequent referrers, landing pages and utm sources of its sessions,
-- as JSON.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

names_counted as (

    select
        site_id,
        event_date,
        'referrer' as kind,
        coalesce(referrer_host, '(direct)') as name,
        count(*) as session_count
    from sessions
    group by site_id, event_date, referrer_host
    union all
    select
        site_id,
        event_date,
        'landing_page' as kind,
        landing_page as name,
        count(*) as session_count
    from sessions
    where landing_page is not null
    group by site_id, event_date, landing_page
    union all
    select
        site_id,
        event_date,
        'utm_source' as kind,
        utm_source as name,
        count(*) as session_count
    from sessions
    where utm_source is not null
    group by site_id, event_date, utm_source

),

names_ranked as (

    select
        *,
        row_number() over (
            partition by site_id, event_date, kind order by session_count desc, name asc
        ) as popularity
    from names_counted

),

names_listed as (

    select
        site_id,
        event_date,
        kind,
        {{ ranked_json('name', 'session_count', 'popularity') }} as names
    from names_ranked
    where popularity <= {{ var('top_n') }}
    group by site_id, event_date, kind

)

select * from names_listed
