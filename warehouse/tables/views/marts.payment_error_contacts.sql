-- One row per failed payment, with the contact that was left with it, and the address it came from. A session's event
-- is at most on the day after the session's.
select
    payment_errors.*,
    contacts.email,
    contacts.phone,
    contacts.name,
    addresses.ip
from marts.payment_errors
left join lateral (
    select
        email,
        phone,
        name
    from live.payment_contacts
    where
        site_id = payment_errors.site_id
        and event_id = payment_errors.event_id
        and occurred_at = payment_errors.occurred_at
    limit 1
) as contacts on true
left join lateral (
    select ip
    from live.addresses
    where
        site_id = payment_errors.site_id
        and event_date between payment_errors.event_date and payment_errors.event_date + 1
        and event_id = payment_errors.event_id
        and occurred_at = payment_errors.occurred_at
    limit 1
) as addresses on true
