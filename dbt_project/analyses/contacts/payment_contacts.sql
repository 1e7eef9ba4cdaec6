-- Whom to contact about the payments that failed? Of the same payments as the question `payment_errors`.
with

newest as (

    {{ newest('payment_errors', 'occurred_at', 'event_id') }}

)

select
    contacts.event_id,
    contacts.occurred_at,
    contacts.email,
    contacts.phone,
    contacts.name,
    host(contacts.ip) as ip,
    count(*) over () as total
from newest
inner join {{ source('marts_views', 'payment_error_contacts') }} as contacts
    on
        newest.site_id = contacts.site_id
        and newest.occurred_at = contacts.occurred_at
        and newest.event_id = contacts.event_id
where coalesce(contacts.email, contacts.phone, contacts.name, host(contacts.ip)) is not null
order by contacts.occurred_at desc, contacts.site_id asc, contacts.event_id asc
