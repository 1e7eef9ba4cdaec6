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
        (array_agg(c.email order by c.occurred_at desc, c.event_id desc) filter (where c.email is not null))[1]
            as email,
        (array_agg(c.phone order by c.occurred_at desc, c.event_id desc) filter (where c.phone is not null))[1]
            as phone,
        (array_agg(c.name order by c.occurred_at desc, c.event_id desc) filter (where c.name is not null))[1]
            as name,
        (array_agg(c.metadata order by c.occurred_at desc, c.event_id desc) filter (where c.metadata is not null))[1]
            as metadata,
        max(c.occurred_at) as contact_left_at
    from live.profile_contacts as c
    where c.site_id = customers.site_id and c.user_id = customers.user_id
) as contacts on true
