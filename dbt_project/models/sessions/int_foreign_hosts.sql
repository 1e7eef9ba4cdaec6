-- One row per site, host of a page, and host that referred to it and is a source: another site than the
-- page's, and no payment or sign-in host, which only sends back who was here before.

with

session_events as (

    select * from {{ ref('int_session_events') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

go_betweens as (

    select host from {{ ref('go_betweens') }}
    union
    select host from {{ source('ops', 'own_sources') }}
    where category = 'go_between'

),

pairs_seen as (

    select distinct
        site_id,
        coalesce(page_host, '') as page_host,
        referrer_host
    from session_events
    where referrer_host is not null and referrer_host is distinct from page_host {{- computed_once('and') }}

),

names as (

    select page_host as name from pairs_seen
    union
    select referrer_host from pairs_seen

),

{{ host_tails() }},

go_betweens_met as (

    select distinct tails.name
    from tails
    inner join go_betweens on tails.tail = go_betweens.host or tails.brand_tail = go_betweens.host

),

sources_found as (

    select
        pairs_seen.site_id,
        pairs_seen.page_host,
        pairs_seen.referrer_host
    from pairs_seen
    left join site_options on pairs_seen.site_id = site_options.site_id
    inner join domains as page on pairs_seen.page_host = page.name
    inner join domains as referrer on pairs_seen.referrer_host = referrer.name
    left join go_betweens_met on pairs_seen.referrer_host = go_betweens_met.name
    where
        go_betweens_met.name is null
        and (not site_options.own_subdomains or page.registered_domain <> referrer.registered_domain)

)

select * from sources_found
