-- One row per user, with what events that name the user left last.
select
    customers.*,
    contacts.email,
    contacts.phone,
    contacts.name,
    contacts.metadata,
    contacts.contact_left_at
from marts.customers
left join lateral (
    select
        (array_agg(email order by occurred_at desc, event_id) filter (where email is not null))[1] as email,
        (array_agg(phone order by occurred_at desc, event_id) filter (where phone is not null))[1] as phone,
        (array_agg(name order by occurred_at desc, event_id) filter (where name is not null))[1] as name,
        (array_agg(metadata order by occurred_at desc, event_id) filter (where metadata is not null))[1] as metadata,
        max(occurred_at) as contact_left_at
    from live.profile_contacts
    where site_id = customers.site_id and user_id = customers.user_id
) as contacts on true
