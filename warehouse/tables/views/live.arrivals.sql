-- One row per site: what arrived in the last hour, and how payments went in the last 15 minutes.
with

seen_sites as (

    select site_id
    from ops.sites
    where (
        (select pg_has_role('footfall_analyst', 'usage'))
        or site_id = (select ops.site_of(current_user))
        or site_id = any(cast((select ops.sites_of_token()) as text[]))
    )

),

events_counted as (

    select
        site_id,
        count(*) as event_count,
        max(occurred_at) as last_event_at
    from raw.events
    where
        occurred_at >= now() - interval '1 hour'
        and event_date between cast(now() at time zone 'UTC' - interval '1 hour' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
    group by site_id

),

payments_counted as (

    -- A purchase says that it was paid, or that something was ordered, or both.
    select
        events.site_id,
        count(*) filter (where events.event_name = 'payment_failed') as failed_count,
        greatest(
            count(*) filter (where events.event_name = 'payment_succeeded'),
            count(*) filter (where events.event_name in ('order_placed', 'booking_placed'))
        ) as succeeded_count
    from raw.events as events
    left join raw.user_agents on events.user_agent_id = user_agents.user_agent_id
    where
        events.occurred_at >= now() - interval '15 minutes'
        and events.event_date between cast(now() at time zone 'UTC' - interval '15 minutes' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
        and events.event_name in ('payment_failed', 'payment_succeeded', 'order_placed', 'booking_placed')
        and not coalesce(user_agents.is_bot and events.context <> 'app', false)
    group by events.site_id

),

rejects_counted as (

    select
        site_id,
        count(*) as rejected_count
    from raw.rejects
    where rejected_at >= now() - interval '1 hour'
    group by site_id

)

select
    seen_sites.site_id,
    coalesce(events_counted.event_count, 0) as event_count,
    events_counted.last_event_at,
    coalesce(rejects_counted.rejected_count, 0) as rejected_count,
    coalesce(payments_counted.failed_count, 0) as failed_payment_count,
    coalesce(payments_counted.succeeded_count, 0) as succeeded_payment_count
from seen_sites
left join events_counted on seen_sites.site_id = events_counted.site_id
left join payments_counted on seen_sites.site_id = payments_counted.site_id
left join rejects_counted on seen_sites.site_id = rejects_counted.site_id
