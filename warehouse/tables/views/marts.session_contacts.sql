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
    where
        c.site_id = sessions.site_id
        and (
            c.user_id = sessions.user_id
            or (
                c.anonymous_id = sessions.anonymous_id
                and c.user_id is null
                and (sessions.user_id is null or c.occurred_at between sessions.started_at and sessions.ended_at)
            )
        )
) as contacts on true
left join lateral (
    select min(a.ip) as ip
    from live.addresses as a
    where
        a.site_id = sessions.site_id
        and a.event_date = sessions.event_date
        and a.event_id = sessions.first_event_id
        and a.occurred_at = sessions.started_at
) as addresses on true
