-- One row per day outside the slice, and cause, for which the candidates leave it stale: a first visit, the
-- session in which the first user became known, or the first report of an order, moved from it or to it.

with

days as (

    {{ moved_days('visitors', 'replaced_visitors', 'first_session_id', 'identity', day='first_seen_date') }}
    union
    {{ moved_days('conversions', 'replaced_visitors', 'session_id', 'identity') }}
    union
    {{ moved_days('orders', 'replaced_orders', 'event_id', 'order_moved') }}

)

select
    days.event_date,
    days.cause
from days
where
    days.event_date not in (
        select slice_days.event_date from {{ source('audit', 'slice_days') }} as slice_days
    )
