-- One row per failed payment, with the contact that was left with it, and the address it came from. An event is on the
-- day of its session or on the day after.
select
    payment_errors.*,
    contacts.email,
    contacts.phone,
    contacts.name,
    addresses.ip
from marts.payment_errors
left join lateral (
    select
        min(c.email) as email,
        min(c.phone) as phone,
        min(c.name) as name
    from live.payment_contacts as c
    where
        c.site_id = payment_errors.site_id
        and c.event_id = payment_errors.event_id
        and c.occurred_at = payment_errors.occurred_at
) as contacts on true
left join lateral (
    select min(a.ip) as ip
    from live.addresses as a
    where
        a.site_id = payment_errors.site_id
        and a.event_date between payment_errors.event_date and payment_errors.event_date + 1
        and a.event_id = payment_errors.event_id
        and a.occurred_at = payment_errors.occurred_at
) as addresses on true
