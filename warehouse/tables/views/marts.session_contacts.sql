-- One row per session, with what its person left last. Of a user that is what names the user, or was left during the
-- session itself; of a device without a user, what was left on the device and names no user.
select
    sessions.*,
    contacts.email,
    contacts.phone,
    contacts.name,
    contacts.metadata,
    contacts.contact_left_at,
    addresses.ip
from marts.sessions
left join lateral (
    select
        (array_agg(email order by occurred_at desc, event_id) filter (where email is not null))[1] as email,
        (array_agg(phone order by occurred_at desc, event_id) filter (where phone is not null))[1] as phone,
        (array_agg(name order by occurred_at desc, event_id) filter (where name is not null))[1] as name,
        (array_agg(metadata order by occurred_at desc, event_id) filter (where metadata is not null))[1] as metadata,
        max(occurred_at) as contact_left_at
    from (
        select
            email,
            phone,
            name,
            metadata,
            occurred_at,
            event_id
        from live.profile_contacts
        where site_id = sessions.site_id and user_id = sessions.user_id
        union all
        select
            email,
            phone,
            name,
            metadata,
            occurred_at,
            event_id
        from live.profile_contacts
        where
            site_id = sessions.site_id
            and anonymous_id = sessions.anonymous_id
            and user_id is null
            and (sessions.user_id is null or occurred_at between sessions.started_at and sessions.ended_at)
    ) as left_by_person
) as contacts on true
left join lateral (
    select ip
    from live.addresses
    where
        site_id = sessions.site_id
        and event_date = sessions.event_date
        and event_id = sessions.first_event_id
        and occurred_at = sessions.started_at
    limit 1
) as addresses on true
