-- One row per candidate session, from its events alone: measures, entry and exit, and the facts that decide
-- its source.
{% set order = event_order() %}
{% set tag = '(^|&)(utm_source|utm_medium|' ~ click_id_names() ~ ')=(%20|[+ ])*([^&+ %]|%(?!20))' %}
{% set looks_at_a_page = "user_agent_id is not null and is_page_view and context is distinct from 'app'" %}
{% set says_who = "user_id is not null and is_trailing is not true and is_late is not true" %}
{% set pings_who = "user_id is not null and is_trailing and is_late is not true" %}
{% set page_views_before = "page_view_number - case when is_page_view then 1 else 0 end" %}
{% set tells_source = 'is_tagged or source_referrer_host is not null' %}

with

session_events as (

    select * from {{ ref('int_session_events') }}

),

page_views_summed as (

    select
        site_id,
        session_id,
        sum(viewed_ms) as viewed_ms
    from {{ ref('int_page_views') }}
    group by session_id, site_id

),

foreign_hosts as (

    select * from {{ ref('int_foreign_hosts') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

sources_seen as (

    -- An event shows a source if its address has a tag, or if its referrer is a foreign host.
    select
        session_events.*,
        coalesce({{ matches('session_events.page_query', tag) }}, false) as is_tagged,
        foreign_hosts.referrer_host as source_referrer_host,
        case when foreign_hosts.referrer_host is not null then session_events.referrer end as source_referrer
    from session_events
    left join foreign_hosts
        on
            session_events.site_id = foreign_hosts.site_id
            and coalesce(session_events.page_host, '') = foreign_hosts.page_host
            and session_events.referrer_host = foreign_hosts.referrer_host

),

sessions_measured as (

    select
        site_id,
        session_id,
        -- These columns are the same on all events of a session; as keys they would only slow the sort.
        max(visitor_id) as visitor_id,
        max(session_date) as event_date,
        max(started_at) as started_at,
        max(first_event_id) as first_event_id,
        bool_or(is_of_slice) as is_of_slice,
        max(start_cause) as start_cause,
        max(end_cause) as end_cause,
        max(occurred_at) filter (where is_late is not true) as ended_at,
        max(anonymous_id) as anonymous_id,
        -- A ping names who is signed in when it is sent: whose session it is only if nothing else says so.
        coalesce(
            max(user_id) filter (where {{ says_who }}), {{ first_by('user_id', order, pings_who) }}
        ) as user_id,
        coalesce(
            min(occurred_at) filter (where {{ says_who }} and anonymous_id is not null),
            min(occurred_at) filter (where {{ pings_who }} and anonymous_id is not null)
        ) as identified_at,
        -- The page views before that. Null in a session that stays anonymous.
        coalesce(
            min({{ page_views_before }}) filter (where {{ says_who }} and anonymous_id is not null),
            min({{ page_views_before }}) filter (where {{ pings_who }} and anonymous_id is not null)
        ) as anonymous_page_view_count,
        {{ first_by('client_session_id', order, 'client_session_id is not null') }} as client_session_id,
        count(*) as event_count,
        count(*) filter (where is_page_view) as page_view_count,
        count(*) filter (where is_ping) as ping_count,
        coalesce(sum(engaged_ms), 0) as pinged_ms,
        least(coalesce(max(scroll_percent), 0), 100) as scroll_depth_percent,
        coalesce(sum(click_count), 0) as click_count,
        coalesce(
            {{ first_by('page_path', order, 'is_page_view') }},
            {{ first_by('page_path', order, 'page_path is not null and is_late is not true') }}
        ) as landing_page,
        coalesce(
            {{ last_by('page_path', order, 'is_page_view') }},
            {{ last_by('page_path', order, 'page_path is not null and is_late is not true') }}
        ) as exit_page,
        {{ first_by('page_query', order, tells_source) }} as source_query,
        {{ first_by('source_referrer_host', order, tells_source) }} as source_referrer_host,
        {{ first_by('source_referrer', order, tells_source) }} as referrer,
        {{ first_by('user_agent_id', order, 'user_agent_id is not null') }} as first_user_agent_id,
        {{ first_by('user_agent_id', order, looks_at_a_page) }} as viewing_user_agent_id,
        {{ first_by('ip_masked', order, 'ip_masked is not null') }} as ip_masked,
        {{ first_by('language', order, 'language is not null') }} as language,
        {{ first_by('screen_width', order, 'screen_width is not null') }} as screen_width,
        {{ first_by('screen_height', order, 'screen_height is not null') }} as screen_height,
        {{ first_by('country_code', order, 'country_code is not null') }} as country_code,
        {{ first_by('city', order, 'country_code is not null') }} as city,
        count(*) filter (where event_name = 'widget_loaded') as widget_loaded_count,
        count(*) filter (where event_name = 'widget_opened') as widget_opened_count,
        count(*) filter (where event_name = 'widget_minimized') as widget_minimized_count,
        {{ first_by('triggered_by', order, 'triggered_by is not null') }} as triggered_by,
        count(*) filter (where event_name = 'message_sent') as messages_sent_count,
        count(*) filter (where event_name = 'message_received') as messages_received_count,
        count(response_ms) as response_count,
        coalesce(sum(response_ms), 0) as response_ms_total,
        count(*) filter (where event_name = 'pre_chat_form_submitted') > 0 as completed_pre_chat_form,
        count(*) filter (where event_category = 'error') as error_count,
        min(occurred_at) filter (where event_name = 'user_signed_up') as signed_up_at,
        max(occurred_at) filter (where event_name in ('user_signed_in', 'user_signed_up')) as signed_in_at,
        count(*) filter (where event_name = 'review_posted') as review_count,
        count(*) filter (where is_key_event) > 0 as has_key_event,
        count(*) filter (where event_name in ('order_placed', 'booking_placed')) > 0 as has_order
    from sources_seen
    group by session_id, site_id

),

engagement_timed as (

    -- Where a client sends no pings, each page view counts for as long as it lasts, up to the cap.
    select
        sessions_measured.*,
        case
            when sessions_measured.ping_count > 0 then sessions_measured.pinged_ms
            else coalesce(page_views_summed.viewed_ms, 0)
        end as engaged_ms,
        -- Who looks at pages is judged a robot by the user agent, who reports what happened is not.
        coalesce(sessions_measured.viewing_user_agent_id, sessions_measured.first_user_agent_id)
            as user_agent_id,
        sessions_measured.viewing_user_agent_id is not null as is_user_agent_judged
    from sessions_measured
    left join page_views_summed
        on
            sessions_measured.site_id = page_views_summed.site_id
            and sessions_measured.session_id = page_views_summed.session_id

),

criteria_judged as (

    select
        engagement_timed.*,
        {{ seconds_between('engagement_timed.started_at', 'engagement_timed.ended_at') }} as duration_seconds,
        {{ local_hour('engagement_timed.started_at', 'site_options.timezone') }} as local_hour,
        cast(floor({{ quotient('engagement_timed.engaged_ms', 1000) }}) as bigint) as engaged_seconds,
        engagement_timed.engaged_ms >= site_options.engaged_seconds * 1000 as is_engaged_by_time,
        engagement_timed.scroll_depth_percent >= site_options.engaged_scroll_percent as is_engaged_by_scroll,
        engagement_timed.click_count >= site_options.engaged_clicks as is_engaged_by_clicks,
        engagement_timed.engaged_ms > site_options.ga4_engaged_seconds * 1000
        or engagement_timed.page_view_count >= site_options.ga4_page_views
        or engagement_timed.has_key_event as is_engaged_ga4
    from engagement_timed
    left join site_options on engagement_timed.site_id = site_options.site_id

),

engagement_judged as (

    select
        *,
        (is_engaged_by_time and is_engaged_by_scroll)
        or (is_engaged_by_time and is_engaged_by_clicks)
        or (is_engaged_by_scroll and is_engaged_by_clicks) as is_engaged
    from criteria_judged

),

anonymous_sessions_kept as (

    select engagement_judged.*
    from engagement_judged
    left join site_options on engagement_judged.site_id = site_options.site_id
    where
        engagement_judged.user_id is not null
        or site_options.anonymous_min_page_views <= 1
        or engagement_judged.page_view_count >= site_options.anonymous_min_page_views

)

select * from anonymous_sessions_kept
