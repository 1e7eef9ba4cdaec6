-- One row per site being built, with the options of its models: the site's own, else the project's.
{% set numbers = [
    'session_timeout_minutes', 'engaged_seconds', 'engaged_scroll_percent', 'engaged_clicks',
    'engaged_time_cap_minutes', 'ga4_engaged_seconds', 'ga4_page_views', 'anonymous_min_page_views', 'top_n',
    'event_name_cap', 'page_path_cap', 'community_cap',
] %}

with

sites as (

    select distinct site_id from {{ source('audit', 'slice_days') }}

),

own_options as (

    select * from {{ source('ops', 'site_options') }}

),

all_sites as (

    select * from {{ source('ops', 'sites') }}

),

options_chosen as (

    select
        sites.site_id,
        all_sites.timezone,
        {% for number in numbers -%}
            coalesce(own_options.{{ number }}, {{ var(number) }}) as {{ number }},
        {% endfor -%}
        coalesce(own_options.own_subdomains, {{ var('own_subdomains') | lower }}) as own_subdomains,
        coalesce(own_options.key_events, {{ text_list(var('key_events')) }}) as key_events,
        coalesce(own_options.path_query_keys, {{ text_list(var('path_query_keys')) }}) as path_query_keys,
        coalesce(own_options.currency, nullif('{{ var("currency") }}', '')) as currency,
        -- The same for all sites, and here for the checks.
        {{ text_list(var('commerce_events')) }} as commerce_events,
        {{ var('events_mart') | lower }} as events_mart
    from sites
    left join all_sites on sites.site_id = all_sites.site_id
    left join own_options on sites.site_id = own_options.site_id

)

select * from options_chosen
