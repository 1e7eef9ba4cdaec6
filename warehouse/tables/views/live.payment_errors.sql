-- One row per failed payment of the last 24 hours, with its later retry and recovery. Bots are left out.
--
-- Twenty-four hours reach back to marts.payment_errors, which the last night published. The checkout of an event is
-- found more simply here: it is the one that the event names, or else any earlier failure of the same visitor.
with

-- Read once: finding 20,000 payments a day in the heap costs more than storing them for the query.
payments as materialized (

    select
        site_id,
        raw.visitor_id(anonymous_id, user_id) as visitor_id,
        user_id,
        occurred_at,
        event_id,
        event_name,
        coalesce(sequence, 999999999999999999) as order_in_instant,
        left(nullif(properties ->> 'checkout_id', ''), 128) as checkout_id,
        case when event_name = 'payment_failed' then properties end as properties,
        contact_hash,
        user_agent_id,
        context,
        event_name not in ('payment_started', 'payment_failed') as is_success
    from raw.events
    where
        occurred_at >= now() - interval '24 hours'
        and event_date between cast(now() at time zone 'UTC' - interval '24 hours' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
        and event_name in (
            'payment_started', 'payment_failed', 'payment_succeeded', 'order_placed', 'booking_placed'
        )
        and (
            (select pg_has_role('footfall_analyst', 'usage'))
            or site_id = (select ops.site_of(current_user))
            or site_id = any(cast((select ops.sites_of_token()) as text[]))
        )

),

failures as (

    select
        payments.*,
        coalesce(nullif(upper(payments.properties ->> 'currency'), ''), site_options.currency) as currency_given,
        coalesce(payments.properties ->> 'total_amount', payments.properties ->> 'amount') as amount_given
    from payments
    left join ops.site_options on payments.site_id = site_options.site_id
    where payments.event_name = 'payment_failed'

),

attempts as (

    select
        site_id,
        event_id,
        occurred_at,
        order_in_instant,
        is_success,
        coalesce('checkout ' || checkout_id, 'visitor ' || visitor_id) as belongs_to
    from payments

),

later_attempts as (

    select
        failures.site_id,
        failures.event_id,
        min(attempts.occurred_at) as retried_at,
        min(attempts.occurred_at) filter (where attempts.is_success) as recovered_at
    from failures
    cross join
        lateral (
            values ('checkout ' || failures.checkout_id), ('visitor ' || failures.visitor_id)
        ) as owners (belongs_to)
    inner join attempts
        on
            failures.site_id = attempts.site_id
            and owners.belongs_to = attempts.belongs_to
            and (failures.occurred_at, failures.order_in_instant, failures.event_id)
            < (attempts.occurred_at, attempts.order_in_instant, attempts.event_id)
    group by failures.site_id, failures.event_id

),

amounts_read as (

    -- An amount without a currency is in the site's own; where it has none, the amount says nothing.
    select
        *,
        case
            when currency_given ~ '^[A-Z]{3}$' and amount_given ~ '^[0-9]{1,12}([.][0-9]{1,100})?$'
                then cast(amount_given as numeric(18, 4))
        end as amount
    from failures

)

select
    amounts_read.site_id,
    amounts_read.event_id,
    amounts_read.occurred_at,
    amounts_read.visitor_id,
    amounts_read.user_id,
    amounts_read.checkout_id,
    left(amounts_read.properties ->> 'error_code', 64) as error_code,
    left(amounts_read.properties ->> 'error_message', 500) as error_message,
    amounts_read.amount,
    case when amounts_read.amount is not null then amounts_read.currency_given end as currency,
    left(amounts_read.properties ->> 'payment_method', 64) as payment_method,
    amounts_read.contact_hash,
    user_agents.device_type,
    user_agents.browser,
    user_agents.os,
    later_attempts.retried_at is not null as is_retried,
    later_attempts.retried_at,
    later_attempts.recovered_at is not null as is_recovered,
    later_attempts.recovered_at
from amounts_read
left join later_attempts
    on amounts_read.site_id = later_attempts.site_id and amounts_read.event_id = later_attempts.event_id
left join raw.user_agents on amounts_read.user_agent_id = user_agents.user_agent_id
where not coalesce(user_agents.is_bot and amounts_read.context <> 'app', false)
