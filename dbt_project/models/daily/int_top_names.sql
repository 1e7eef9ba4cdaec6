-- One row per site and day with the most frequent referrers, landing pages and utm sources of its sessions,
-- as JSON.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

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
        names_ranked.site_id,
        names_ranked.event_date,
        names_ranked.kind,
        {{ ranked_json('names_ranked.name', 'names_ranked.session_count', 'names_ranked.popularity') }}
            as names
    from names_ranked
    left join site_options on names_ranked.site_id = site_options.site_id
    where names_ranked.popularity <= site_options.top_n
    group by names_ranked.site_id, names_ranked.event_date, names_ranked.kind

)

select * from names_listed
