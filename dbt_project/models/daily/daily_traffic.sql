-- One row per site, day and source that people came from: channel, source, medium, campaign, referrer host.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

conversions as (

    select * from {{ ref('int_merged_conversions') }}

),

keys_made as (

    select
        sessions.site_id,
        sessions.event_date,
        {{ key_text('sessions.channel', '(none)') }} as channel,
        {{ key_text('sessions.source', '(none)') }} as source,
        {{ key_text('sessions.medium', '(none)') }} as medium,
        {{ key_text('sessions.campaign', '(none)') }} as campaign,
        {{ key_text('sessions.referrer_host', '(none)') }} as referrer_host,
        sessions.visitor_id,
        sessions.start_cause,
        sessions.is_engaged,
        conversions.session_id is not null as is_converting
    from sessions
    left join conversions
        on sessions.site_id = conversions.site_id and sessions.session_id = conversions.session_id

),

sources_summed as (

    select
        site_id,
        event_date,
        channel,
        source,
        medium,
        campaign,
        referrer_host,
        cast(count(*) as integer) as session_count,
        cast(count(distinct visitor_id) as integer) as visitor_count,
        cast(count(*) filter (where start_cause = 'first_visit') as integer) as new_visitor_count,
        cast(count(*) filter (where is_engaged) as integer) as engaged_session_count,
        cast(count(*) filter (where is_converting) as integer) as conversion_count
    from keys_made
    group by site_id, event_date, channel, source, medium, campaign, referrer_host

)

select * from sources_summed
