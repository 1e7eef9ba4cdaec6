-- One row per candidate session: where it came from. The seeds hold the rules; this model only applies them.

with

sessions as (

    select * from {{ ref('int_sessions') }}

),

click_ids as (

    select * from {{ ref('click_ids') }}

),

referrers as (

    select * from {{ ref('referrers') }}

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
        {{ regexp_group('source_query', '(?:^|&)(' ~ click_id_names() ~ ')=[^&]') }} as click_id
    from queries_seen

),

tags_decoded as (

    select
        source_query,
        lower({{ url_decoded('utm_source') }}) as utm_source,
        lower({{ url_decoded('utm_medium') }}) as utm_medium,
        lower({{ url_decoded('utm_campaign') }}) as utm_campaign,
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
        tags_decoded.click_id
    from sessions
    left join tags_decoded on sessions.source_query = tags_decoded.source_query

),

hosts_known as (

    -- The rules are matched with the distinct names, which are few, and not with every session.
    select
        names.name,
        referrers.source,
        referrers.category,
        row_number() over (partition by names.name order by referrers.rule_order) as choice
    from (
        select source_referrer_host as name from tags_read
        union
        select utm_source from tags_read
    ) as names
    inner join referrers
        on {{ matches_column('names.name', 'referrers.host_pattern') }} or names.name = referrers.source

),

categories_known as (

    select distinct
        source,
        category
    from referrers

),

sources_found as (

    -- A tag decides the source, else a click id, else the referrer.
    select
        tags_read.*,
        coalesce(
            tags_read.utm_source, click_ids.source, by_host.source, tags_read.source_referrer_host, '(direct)'
        ) as source,
        case
            when tags_read.utm_source is not null then coalesce(tags_read.utm_medium, '(not set)')
            when click_ids.click_id is not null then coalesce(tags_read.utm_medium, click_ids.medium)
            when by_host.category = 'search' then 'organic'
            when tags_read.source_referrer_host is not null then 'referral'
            else '(none)'
        end as medium,
        tags_read.utm_campaign as campaign,
        coalesce(by_tag.category, by_click.category, by_host.category) as source_category
    from tags_read
    left join click_ids on tags_read.click_id = click_ids.click_id and tags_read.utm_source is null
    left join hosts_known as by_tag on tags_read.utm_source = by_tag.name and by_tag.choice = 1
    left join categories_known as by_click on click_ids.source = by_click.source
    left join hosts_known as by_host
        on
            tags_read.source_referrer_host = by_host.name
            and by_host.choice = 1
            and tags_read.utm_source is null
            and click_ids.click_id is null

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
