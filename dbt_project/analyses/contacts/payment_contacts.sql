-- Whom to contact about the payments that failed? Of the same payments as the question `payment_errors`.
with

payment_errors as (

    select * from {{ source('published', 'payment_errors') }}
    where not is_bot and {{ asked_for('event_date') }}
    order by occurred_at desc, site_id asc, event_id asc
    limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}

)

select
    contacts.event_id,
    contacts.occurred_at,
    contacts.email,
    contacts.phone,
    contacts.name,
    host(contacts.ip) as ip,
    count(*) over () as total
from payment_errors
inner join {{ source('marts_views', 'payment_error_contacts') }} as contacts
    on
        payment_errors.site_id = contacts.site_id
        and payment_errors.occurred_at = contacts.occurred_at
        and payment_errors.event_id = contacts.event_id
where coalesce(contacts.email, contacts.phone, contacts.name, host(contacts.ip)) is not null
order by contacts.occurred_at desc, contacts.site_id asc, contacts.event_id asc
