-- One row per site, day, goal, channel and currency with conversions.
{{ config(sql_header=hash_joins_only()) }}

with

goals as (

    select * from {{ ref('stg_goals') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

events as (

    select * from {{ ref('int_merged_events') }}

),

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

conversions_found as (

    select
        events.site_id,
        events.event_date,
        events.session_id,
        events.position,
        events.occurred_at,
        events.visitor_id,
        events.event_name,
        goals.goal,
        {{ json_text_by('events.properties', 'goals.value_property') }} as value_sent,
        case
            when goals.value_property is not null then {{ json_text_by('events.properties', "'currency'") }}
        end
            as currency_sent
    from events
    inner join goals on {{ takes_step('events', 'goals') }}
    where
        goals.property is null
        or {{ json_text_by('events.properties', 'goals.property') }} = goals.property_value

),

conversions_read as (

    -- A session and a visitor count once a day, where they converted first, so that their numbers add up over
    -- channels and currencies.
    select
        conversions_found.site_id,
        conversions_found.event_date,
        conversions_found.goal,
        {{ key_text('sessions.channel', '(none)') }} as channel,
        coalesce(
            case
                when {{ matches('conversions_found.currency_sent', '^[A-Za-z]{3}$') }}
                    then upper(conversions_found.currency_sent)
                when
                    coalesce(conversions_found.currency_sent, '') = ''
                    and {{ plain_money('conversions_found.value_sent') }} is not null
                    and {{ is_one_of('conversions_found.event_name', 'site_options.commerce_events') }}
                    then site_options.currency
            end,
            '(none)'
        ) as currency,
        {{ plain_money('conversions_found.value_sent') }} as value,
        row_number() over (
            partition by conversions_found.site_id, conversions_found.goal, conversions_found.session_id
            order by conversions_found.position
        ) = 1 as is_first_of_session,
        row_number() over (
            partition by
                conversions_found.site_id, conversions_found.event_date, conversions_found.goal,
                conversions_found.visitor_id
            order by conversions_found.occurred_at, conversions_found.session_id, conversions_found.position
        ) = 1 as is_first_of_visitor
    from conversions_found
    inner join sessions
        on
            conversions_found.site_id = sessions.site_id
            and conversions_found.session_id = sessions.session_id
    left join site_options on conversions_found.site_id = site_options.site_id

),

conversions_counted as (

    select
        site_id,
        event_date,
        goal,
        channel,
        currency,
        cast(count(*) as bigint) as conversion_count,
        cast(count(*) filter (where is_first_of_session) as integer) as session_count,
        cast(count(*) filter (where is_first_of_visitor) as integer) as visitor_count,
        cast(sum(value) as numeric(28, 4)) as value
    from conversions_read
    group by site_id, event_date, goal, channel, currency

)

select * from conversions_counted
