-- Published page views stay beside new ones of their day, and commerce events beside new ones of their checkout: both
-- have what the new ones have. A session's page views before its user was known are its first ones. No event published so
-- far had a count of its client.
do $$
begin
    if to_regclass('marts.page_views') is not null then
        alter table marts.page_views
        add column if not exists identified_at timestamptz,
        add column if not exists is_anonymous boolean;
        update marts.page_views as v
        set
            identified_at = s.identified_at,
            is_anonymous = s.user_id is null or v.position <= coalesce(s.anonymous_page_view_count, 0)
        from marts.sessions as s
        where s.site_id = v.site_id and s.session_id = v.session_id;
        -- Daily figures counted page views of sessions without a user alone.
        update marts.daily_page_stats as d
        set anonymous_page_view_count = d.anonymous_page_view_count + found.page_view_count
        from (
            select
                v.site_id,
                v.event_date,
                coalesce(listed.page_path, '(other)') as page_path,
                count(*) as page_view_count
            from marts.page_views as v
            left join marts.daily_page_stats as listed
                on
                    listed.site_id = v.site_id
                    and listed.event_date = v.event_date
                    and listed.page_path = left(coalesce(nullif(v.page_path, ''), '(unknown)'), 600)
            where v.is_anonymous and v.user_id is not null and not v.is_bot
            group by v.site_id, v.event_date, coalesce(listed.page_path, '(other)')
        ) as found
        where
            d.site_id = found.site_id
            and d.event_date = found.event_date
            and d.page_path = found.page_path;
    end if;
    if to_regclass('marts.commerce_events') is not null then
        alter table marts.commerce_events
        add column if not exists order_in_instant bigint not null default 1999999999999999999;
        alter table marts.commerce_events
        alter column order_in_instant drop not null,
        alter column order_in_instant drop default;
    end if;
end
$$;

-- The live view of failed payments reads their retries, as the mart does.
drop index if exists raw.events_landmarks;
create index events_landmarks on raw.events (event_name, occurred_at)
where event_name in (
    'session_ended', 'user_signed_out', 'payment_started', 'payment_failed', 'payment_succeeded', 'order_placed',
    'booking_placed'
);

comment on column raw.events.sequence is
    'The client''s own count per device, else the position in its batch or in what was imported.';
