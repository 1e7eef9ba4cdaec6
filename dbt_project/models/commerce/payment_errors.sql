-- One row per failed payment, with what became of it.

with

events as (

    select * from {{ ref('int_checkout_events') }}

),

checkouts as (

    select * from {{ ref('checkouts') }}

),

neighbours_seen as (

    -- A stretch begins with an event that names a value and ends before the next one that does, so it has one
    -- value: the last one named so far. Later events are looked up in reverse order, so that each window only
    -- grows.
    select
        *,
        count(amount) over so_far as amount_stretch,
        count(item_count) over so_far as items_stretch,
        count(payment_method) over so_far as method_stretch,
        count(case when is_failure then 1 end) over so_far as attempt_number,
        min(
            case when is_success or event_name in ('payment_started', 'payment_failed') then occurred_at end
        ) over afterwards as retried_at,
        min(case when is_success then occurred_at end) over afterwards as recovered_at
    from events
    window
        so_far as (partition by site_id, checkout_id order by position rows unbounded preceding),
        afterwards as (
            partition by site_id, checkout_id order by position desc
            rows between unbounded preceding and 1 preceding
        )

),

naming_looked_up as (

    select
        *,
        max(amount) over amount_stretch as amount_so_far,
        max(currency) over amount_stretch as currency_so_far,
        max(item_count) over items_stretch as item_count_so_far,
        max(payment_method) over method_stretch as payment_method_so_far
    from neighbours_seen
    window
        amount_stretch as (partition by site_id, checkout_id, amount_stretch),
        items_stretch as (partition by site_id, checkout_id, items_stretch),
        method_stretch as (partition by site_id, checkout_id, method_stretch)

),

columns_named as (

    select
        events.site_id,
        events.event_id,
        events.event_date,
        events.occurred_at,
        events.checkout_id,
        events.session_id,
        events.visitor_id,
        events.user_id,
        events.error_code,
        events.error_message,
        events.error_details,
        coalesce(events.amount_so_far, checkouts.amount) as amount,
        coalesce(events.currency_so_far, checkouts.currency) as currency,
        coalesce(events.item_count_so_far, checkouts.item_count) as item_count,
        coalesce(events.payment_method_so_far, checkouts.payment_method) as payment_method,
        events.contact_hash,
        events.device_type,
        events.browser,
        events.os,
        cast(events.attempt_number as integer) as attempt_number,
        events.retried_at is not null as is_retried,
        events.retried_at,
        events.recovered_at is not null as is_recovered,
        events.recovered_at,
        events.is_bot
    from naming_looked_up as events
    inner join checkouts
        on events.site_id = checkouts.site_id and events.checkout_id = checkouts.checkout_id
    where events.is_failure

)

select * from columns_named
