-- One row per candidate session: where it came from. The seeds hold the rules; this model only applies them.

{% set search_fronts = "'www', 'm', 'mobile', 'wap', 'touch', 'lite', 'html', 'start', 'search', 'images'" %}

with

sessions as (

    select * from {{ ref('int_sessions') }}

),

click_ids as (

    select * from {{ ref('click_ids') }}

),

sources as (

    select * from {{ ref('sources') }}

),

ga4_sources as (

    select * from {{ ref('ga4_sources') }}

),

own_sources as (

    select * from {{ source('ops', 'own_sources') }}
    where category <> 'go_between'

),

channel_rules as (

    select * from {{ ref('channel_rules') }}

),

queries_seen as (

    -- Many sessions come by the same address, so that each query is read once.
    select distinct source_query
    from sessions
    where source_query is not null

),

tags_found as (

    select
        source_query,
        {{ regexp_group('source_query', '(?:^|&)utm_source=([^&]+)') }} as utm_source,
        {{ regexp_group('source_query', '(?:^|&)utm_medium=([^&]+)') }} as utm_medium,
        {{ regexp_group('source_query', '(?:^|&)utm_campaign=([^&]+)') }} as utm_campaign,
        {{ regexp_group('source_query', '(?:^|&)utm_term=([^&]+)') }} as utm_term,
        {{ regexp_group('source_query', '(?:^|&)utm_content=([^&]+)') }} as utm_content,
        {{ regexp_group('source_query', '(?:^|&)(' ~ click_id_names() ~ ')=[^&]') }} as click_id
    from queries_seen

),

tags_decoded as (

    select
        source_query,
        nullif(trim({{ lower_case(url_decoded('utm_source')) }}), '') as utm_source,
        nullif(trim({{ lower_case(url_decoded('utm_medium')) }}), '') as utm_medium,
        nullif(trim({{ lower_case(url_decoded('utm_campaign')) }}), '') as utm_campaign,
        nullif(trim({{ lower_case(url_decoded('utm_term')) }}), '') as utm_term,
        nullif(trim({{ lower_case(url_decoded('utm_content')) }}), '') as utm_content,
        click_id
    from tags_found

),

tags_read as (

    select
        sessions.site_id,
        sessions.session_id,
        sessions.source_referrer_host,
        tags_decoded.utm_source,
        tags_decoded.utm_medium,
        tags_decoded.utm_campaign,
        tags_decoded.utm_term,
        tags_decoded.utm_content,
        tags_decoded.click_id
    from sessions
    left join tags_decoded on sessions.source_query = tags_decoded.source_query

),

names as (

    -- The lists are matched with the distinct names, which are few, and not with every session.
    select source_referrer_host as name from tags_read
    where source_referrer_host is not null
    union
    select utm_source from tags_read
    where utm_source is not null

),

{{ host_tails() }},

keys_listed as (

    -- Each list knows sources by hosts or names. Asked first is the owner's, then ours, then GA4's.
    select
        host as listed_key,
        source,
        category,
        0 as list_order
    from own_sources
    union
    select
        host as listed_key,
        source,
        category,
        1 as list_order
    from sources
    union
    select
        sources.source as listed_key,
        sources.source,
        sources.category,
        1 as list_order
    from sources
    where sources.source is not null
    union
    select
        ga4_sources.source as listed_key,
        cast(null as {{ dbt.type_string() }}) as source,
        ga4_sources.category,
        2 as list_order
    from ga4_sources

),

keys_met as (

    select
        tails.name,
        tails.position,
        tails.is_within,
        keys_listed.listed_key,
        keys_listed.source,
        keys_listed.category,
        keys_listed.list_order
    from tails
    inner join keys_listed on tails.tail = keys_listed.listed_key
    union all
    select
        tails.name,
        tails.position,
        tails.is_within,
        keys_listed.listed_key,
        keys_listed.source,
        keys_listed.category,
        keys_listed.list_order
    from tails
    inner join keys_listed on tails.brand_tail = keys_listed.listed_key

),

keys_fitting as (

    -- A social network is one with all its subdomains. Of a search engine mail, documents and maps are none.
    select * from keys_met
    where
        position = 0
        or (
            is_within
            and (
                category <> 'search'
                or listed_key like 'search.%'
                or (position = 1 and split_part(name, '.', 1) in ({{ search_fronts }}))
            )
        )

),

keys_ranked as (

    select
        *,
        first_value(category) over fitting as first_category,
        row_number() over fitting as choice
    from keys_fitting
    window
        fitting as (
            partition by name order by position asc, list_order asc, listed_key desc, source asc nulls last
        )

),

names_known as (

    -- `m.facebook.com` is in GA4's list; that it is `facebook` is in ours, with the domain.
    select
        name,
        coalesce(
            {{ first_by('source', ['choice'], 'category = first_category and source is not null') }},
            max(case when listed_key not like '%*' then listed_key else name end) filter (where choice = 1)
        ) as source,
        max(first_category) as category
    from keys_ranked
    group by name

),

categories_known as (

    select distinct
        source,
        category
    from sources
    where source is not null

),

sources_found as (

    -- Tags decide the source, else a click id, else the referrer: one name at most is looked up.
    select
        tags_read.*,
        coalesce(
            tags_read.utm_source,
            click_ids.source,
            case when tags_read.utm_medium is not null then '(not set)' end,
            named.source,
            tags_read.source_referrer_host,
            '(direct)'
        ) as source,
        case
            when tags_read.utm_medium is not null then tags_read.utm_medium
            when tags_read.utm_source is not null then '(not set)'
            when click_ids.click_id is not null then click_ids.medium
            when named.category = 'search' then 'organic'
            when named.category = 'ai_assistant' then 'ai-assistant'
            when tags_read.source_referrer_host is not null then 'referral'
            else '(none)'
        end as medium,
        tags_read.utm_campaign as campaign,
        coalesce(named.category, by_click.category) as source_category
    from tags_read
    left join click_ids on tags_read.click_id = click_ids.click_id and tags_read.utm_source is null
    left join categories_known as by_click on click_ids.source = by_click.source
    left join names_known as named
        on
            named.name = case
                when tags_read.utm_source is not null then tags_read.utm_source
                when tags_read.utm_medium is null and click_ids.click_id is null
                    then tags_read.source_referrer_host
            end

),

combinations as (

    select distinct
        source,
        medium,
        campaign,
        source_category
    from sources_found

),

channels_matched as (

    select
        combinations.*,
        channel_rules.channel,
        row_number() over (
            partition by
                combinations.source, combinations.medium, combinations.campaign, combinations.source_category
            order by channel_rules.rule_order
        ) as choice
    from combinations
    inner join channel_rules
        on
            (
                channel_rules.source_pattern is null
                or {{ matches_column('combinations.source', 'channel_rules.source_pattern') }}
            )
            and (
                channel_rules.source_category is null
                or combinations.source_category = channel_rules.source_category
            )
            and (
                channel_rules.medium_pattern is null
                or {{ matches_column('combinations.medium', 'channel_rules.medium_pattern') }}
            )
            and (
                channel_rules.campaign_pattern is null
                or {{ matches_column('combinations.campaign', 'channel_rules.campaign_pattern') }}
            )

),

channels_given as (

    select
        sources_found.site_id,
        sources_found.session_id,
        sources_found.source,
        sources_found.medium,
        sources_found.campaign,
        sources_found.utm_source,
        sources_found.utm_medium,
        sources_found.utm_campaign,
        sources_found.utm_term,
        sources_found.utm_content,
        sources_found.click_id,
        coalesce(channels_matched.channel, 'Unassigned') as channel
    from sources_found
    left join channels_matched
        on
            sources_found.source = channels_matched.source
            and sources_found.medium = channels_matched.medium
            and sources_found.campaign is not distinct from channels_matched.campaign
            and sources_found.source_category is not distinct from channels_matched.source_category
            and channels_matched.choice = 1

)

select * from channels_given
