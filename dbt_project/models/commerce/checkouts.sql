-- One row per checkout, over all the sessions in which it went on.
{% set order = ['position'] %}

with

events as (

    select * from {{ ref('int_checkout_events') }}

),

turns_found as (

    select
        *,
        min(case when is_failure then position end) over checkout as first_failed_position,
        min(case when is_success then position end) over checkout as succeeded_position
    from events
    window checkout as (partition by site_id, checkout_id)

),

checkouts_folded as (

    select
        site_id,
        checkout_id,
        {{ first_by('event_date', order, 'true') }} as event_date,
        {{ first_by('visitor_id', order, 'true') }} as visitor_id,
        {{ last_by('user_id', order, 'user_id is not null') }} as user_id,
        {{ first_by('session_id', order, 'true') }} as session_id,
        count(distinct session_id) as session_count,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        min(occurred_at) filter (where event_name = 'checkout_started') as checkout_started_at,
        min(occurred_at) filter (where event_name = 'payment_started') as payment_started_at,
        min(occurred_at) filter (where is_failure) as first_failed_at,
        min(occurred_at) filter (where is_success) as succeeded_at,
        {{ last_by('items', order, 'items is not null') }} as items,
        {{ last_by('item_count', order, 'item_count is not null') }} as item_count,
        {{ last_by('amount', order, 'amount is not null') }} as amount,
        {{ last_by('currency', order, 'amount is not null') }} as currency,
        {{ last_by('payment_method', order, 'payment_method is not null') }} as payment_method,
        {{ first_by('order_id', order, 'order_id is not null') }} as order_id,
        count(*) filter (where is_failure) as error_count,
        count(*) filter (
            where position > first_failed_position
            and (is_failure or is_success)
            and (succeeded_position is null or position <= succeeded_position)
        ) as retry_count,
        {{ last_by('error_code', order, 'is_failure') }} as last_error_code,
        {{ last_by('error_message', order, 'is_failure') }} as last_error_message,
        coalesce(min(first_failed_position) < min(succeeded_position), false) as is_recovered,
        {{ first_by('is_bot', order, 'true') }} as is_bot
    from turns_found
    group by site_id, checkout_id

),

statuses_told as (

    select
        *,
        case
            when succeeded_at is not null then 'succeeded'
            when error_count > 0 then 'failed'
            else 'abandoned'
        end as status
    from checkouts_folded

),

columns_named as (

    select
        site_id,
        checkout_id,
        event_date,
        visitor_id,
        user_id,
        session_id,
        cast(session_count as integer) as session_count,
        started_at,
        ended_at,
        checkout_started_at,
        payment_started_at,
        first_failed_at,
        succeeded_at,
        items,
        item_count,
        amount,
        currency,
        payment_method,
        order_id,
        status,
        cast(error_count as integer) as error_count,
        cast(retry_count as integer) as retry_count,
        last_error_code,
        last_error_message,
        is_recovered,
        case
            when status = 'abandoned' and payment_started_at is not null then 'payment'
            when status = 'abandoned' then 'checkout'
        end as abandoned_step,
        {{ seconds_between('started_at', 'succeeded_at') }} as seconds_to_success,
        is_bot
    from statuses_told

)

select * from columns_named
