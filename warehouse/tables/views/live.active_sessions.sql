-- One row per visitor who was active in the last 30 minutes and has not ended the session since.
--
-- Read at each request, so every step counts: events are read by time (their local day is that of UTC or a neighbour,
-- which leaves other days' partitions closed), grouped without a sort, and only what is left of each visitor is looked
-- at closely. The greatest of an array that begins with the moment is the last event. A moment is the time, then what
-- orders the events of one instant, as in stg_events; ties break on event_id.
with

recent_events as not materialized (

    select
        *,
        raw.visitor_id(anonymous_id, user_id) as visitor_id,
        cast(cast(date_part('epoch', occurred_at) * 1000000 as bigint) as text)
        || case
            when event_name = 'page_viewed' then '0'
            when event_name in ('session_ended', 'user_signed_out') then '2'
            else '1'
        end
        || lpad(cast(coalesce(sequence, 999999999999999999) as text), 18, '0') as moment,
        event_name = 'page_viewed' as is_page_view,
        event_name in ('page_viewed', 'widget_loaded') as is_page_load,
        event_name in ('page_engaged', 'session_ended') as is_trailing
    from raw.events
    where
        occurred_at >= now() - interval '30 minutes'
        and event_date between cast(now() at time zone 'UTC' - interval '30 minutes' as date) - 1
        and cast(now() at time zone 'UTC' as date) + 1
        and (
            (select pg_has_role('footfall_analyst', 'usage'))
            or site_id = (select ops.site_of(current_user))
            or site_id = any(cast((select ops.sites_of_token()) as text[]))
        )

),

hard_ends as (

    -- Later events are of another session. The window is too short for two sessions with a gap between them.
    select
        site_id,
        visitor_id,
        max(occurred_at) as ended_at
    from recent_events
    where
        event_name in ('session_ended', 'user_signed_out')
        and (event_name = 'user_signed_out' or properties ->> 'reason' in ('sign_out', 'user_switch'))
    group by site_id, visitor_id

),

sessions_folded as (

    select
        recent_events.site_id,
        recent_events.visitor_id,
        min(recent_events.occurred_at) as started_at,
        max(recent_events.occurred_at) as last_seen_at,
        count(*) as event_count,
        count(*) filter (where is_page_view) as page_view_count,
        -- What a ping says counts only where no other event names a user.
        max(array[case when is_trailing then '0' else '1' end, moment, event_id, user_id]) filter (
            where user_id is not null
        ) as last_user,
        max(array[moment, event_id, event_name]) filter (
            where event_name in (
                'checkout_started', 'payment_started', 'payment_failed', 'payment_succeeded', 'order_placed',
                'booking_placed'
            )
        ) as last_commerce_event,
        max(
            array[
                moment, event_id, page_url, page_type, page_identifier, page_title, cast(user_agent_id as text),
                host(ip), country_code, city, context
            ]
        ) filter (where is_page_load) as last_page,
        min(array[moment, event_id, page_url, referrer]) filter (where is_page_load) as first_page
    from recent_events
    left join hard_ends
        on recent_events.site_id = hard_ends.site_id and recent_events.visitor_id = hard_ends.visitor_id
    where hard_ends.ended_at is null or recent_events.occurred_at > hard_ends.ended_at
    group by recent_events.site_id, recent_events.visitor_id
    -- A session has ended if an end of any kind is its last event.
    having
        coalesce(
            max(recent_events.occurred_at) filter (where event_name not in ('session_ended', 'user_signed_out'))
            > max(recent_events.occurred_at) filter (where event_name in ('session_ended', 'user_signed_out')),
            bool_or(event_name not in ('session_ended', 'user_signed_out'))
        )
        -- After a hard end, pings alone make no other session.
        and (max(hard_ends.ended_at) is null or not bool_and(is_trailing))

),

pages_named as (

    select
        *,
        split_part(split_part(last_page[3], '#', 1), '?', 1) as page_address,
        split_part(split_part(first_page[3], '#', 1), '?', 1) as landing_address,
        substring(split_part(last_page[3], '#', 1) from '[?](.*)') as page_query,
        substring(split_part(first_page[3], '#', 1) from '[?](.*)') as landing_query,
        raw.host_of(first_page[3]) as landing_host,
        raw.host_of(first_page[4]) as referrer_host,
        cast(last_page[7] as uuid) as user_agent_id,
        cast(last_page[8] as inet) as ip
    from sessions_folded

)

select
    site_id,
    visitor_id,
    last_user[4] as user_id,
    last_user is null as is_anonymous,
    started_at,
    last_seen_at,
    cast(floor(extract(epoch from last_seen_at - started_at)) as integer) as duration_seconds,
    cast(event_count as integer) as event_count,
    cast(page_view_count as integer) as page_view_count,
    case
        when page_address like '%://%' then coalesce(substring(page_address from '^[^/?]*://[^/?]*(/[^?]*)'), '/')
        else page_address
    end
    || coalesce('?' || raw.query_of_keys(page_query, path_query_keys), '') as page_path,
    last_page[4] as page_type,
    last_page[5] as page_identifier,
    last_page[6] as page_title,
    case
        when landing_address like '%://%'
            then coalesce(substring(landing_address from '^[^/?]*://[^/?]*(/[^?]*)'), '/')
        else landing_address
    end
    || coalesce('?' || raw.query_of_keys(landing_query, path_query_keys), '') as landing_page,
    case
        when referrer_host = landing_host then null
        when coalesce(raw.registered_domain(referrer_host) <> raw.registered_domain(landing_host), true)
            then referrer_host
    end as referrer_host,
    last_commerce_event[3] as last_commerce_event,
    device_type,
    browser,
    os,
    last_page[9] as country_code,
    last_page[10] as city,
    host(network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end))) as ip_masked,
    coalesce(
        last_commerce_event[3] = 'payment_failed'
        and (
            last_page is null
            or last_page[4] in ('checkout', 'payment')
            or last_commerce_event[1:2] > last_page[1:2]
        ),
        false
    ) as has_payment_error
from pages_named
left join raw.user_agents using (user_agent_id)
left join ops.site_options using (site_id)
-- An app is not judged by its user agent.
where not coalesce(is_bot and last_page[11] <> 'app', false)
