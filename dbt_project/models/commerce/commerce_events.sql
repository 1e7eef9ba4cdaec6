-- One row per commerce event: a checkout, a payment or its outcome, an order or a booking.
{% set commerce_events = "'" ~ var('commerce_events') | join("', '") ~ "'" %}

with

session_events as (

    select * from {{ ref('int_session_events') }}
    where event_name in ({{ commerce_events }})

),

sessions as (

    select * from {{ ref('sessions') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

properties_read as (

    select
        *,
        case event_name
            when 'order_placed' then 'order'
            when 'booking_placed' then 'booking'
        end as order_type,
        {{ json_string('properties', 'checkout_id', 128) }} as named_checkout_id,
        case event_name
            when 'order_placed' then coalesce({{ json_string('properties', 'order_id', 128) }}, event_id)
            when 'booking_placed' then coalesce({{ json_string('properties', 'booking_id', 128) }}, event_id)
        end as order_id,
        {{ json_string('properties', 'service', 128) }} as service,
        coalesce(
            {{ json_money('properties', 'total_amount') }},
            {{ json_money('properties', 'amount') }}
        ) as amount,
        case
            when {{ matches(json_text('properties', 'currency'), '^[A-Za-z]{3}$') }}
                then upper({{ json_text('properties', 'currency') }})
        end as currency,
        coalesce({{ json_text('properties', 'currency') }}, '') <> '' as names_a_currency,
        {{ json_string('properties', 'payment_method', 64) }} as payment_method,
        {{ json_array('properties', 'items') }} as items,
        {{ json_count('properties', 'items', 100000) }} as items_counted,
        {{ json_string('properties', 'error_code', 64) }} as error_code,
        {{ json_string('properties', 'error_message', 500) }} as error_message,
        nullif(left(
            {{ contacts_masked(
                'coalesce(' ~ json_text('properties', 'error_details') ~ ', '
                ~ json_text('properties', 'errorDetails') ~ ')',
                var('contact_properties')
            ) }},
            1000
        ), '') as error_details
    from session_events

),

checkouts_numbered as (

    -- The position stands in front of the id or currency, so that the greatest text holds the last one.
    select
        *,
        lpad(cast(position_in_session as {{ dbt.type_string() }}), 12, '0') || named_checkout_id
            as numbered_checkout_id,
        lpad(cast(position_in_session as {{ dbt.type_string() }}), 12, '0') || currency as numbered_currency
    from properties_read

),

checkouts_looked_up as (

    select
        *,
        substring(max(numbered_checkout_id) over so_far, 13) as last_checkout_id,
        substring(max(numbered_currency) over so_far, 13) as last_currency,
        count(case when order_type is null then 1 end) over so_far > 0 as is_in_checkout
    from checkouts_numbered
    window so_far as (
        partition by site_id, session_id
        order by {{ event_order() | join(', ') }} rows unbounded preceding
    )

),

currencies_known as (

    -- Where the site has a default currency, an amount that comes without one is in the one named last in the
    -- session, else in the default. What is sent as a currency and is none makes the amount unknown.
    select
        checkouts_looked_up.*,
        case
            when checkouts_looked_up.names_a_currency or site_options.currency is null
                then checkouts_looked_up.currency
            else coalesce(checkouts_looked_up.last_currency, site_options.currency)
        end as known_currency
    from checkouts_looked_up
    left join site_options on checkouts_looked_up.site_id = site_options.site_id

),

columns_named as (

    select
        events.site_id,
        events.event_id,
        events.event_name,
        events.session_id,
        sessions.event_date,
        events.visitor_id,
        coalesce(events.user_id, sessions.user_id) as user_id,
        events.occurred_at,
        events.order_in_instant,
        coalesce(
            events.last_checkout_id, case when events.is_in_checkout then events.session_id end
        ) as checkout_id,
        events.order_type,
        events.order_id,
        events.service,
        case when events.known_currency is not null then events.amount end as amount,
        case when events.amount is not null then events.known_currency end as currency,
        events.payment_method,
        events.items,
        cast(
            coalesce({{ json_array_length('events.items') }}, events.items_counted) as integer
        ) as item_count,
        events.error_code,
        events.error_message,
        events.error_details,
        events.contact_hash,
        sessions.device_type,
        sessions.browser,
        sessions.os,
        sessions.is_bot
    from currencies_known as events
    inner join sessions on events.site_id = sessions.site_id and events.session_id = sessions.session_id

)

select * from columns_named
