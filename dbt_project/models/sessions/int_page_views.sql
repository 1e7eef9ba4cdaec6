-- One row per page view of the session events. A page view lasts until the next one or until the session's
-- end. The next page view is the event right after its last event, so that no window is needed. Late pings do
-- not make it longer.

with

session_events as (

    select * from {{ ref('int_session_events') }}
    where page_view_number > 0

),

page_views_timed as (

    select
        site_id,
        session_id,
        page_view_number,
        min(event_id) filter (where is_page_view) as event_id,
        min(occurred_at) as entered_at,
        max(case when is_late is not true then coalesce(next_occurred_at, occurred_at) end) as exited_at,
        max(client_page_view_id) filter (where is_page_view) as client_page_view_id,
        max(page_host) filter (where is_page_view) as page_host,
        max(page_path) filter (where is_page_view) as page_path,
        max(page_query) filter (where is_page_view) as page_query,
        max(page_title) filter (where is_page_view) as page_title,
        max(page_type) filter (where is_page_view) as page_type,
        max(page_identifier) filter (where is_page_view) as page_identifier,
        max(engaged_time_cap_ms) as engaged_time_cap_ms
    from session_events
    group by session_id, site_id, page_view_number

),

pings_summed as (

    select
        site_id,
        session_id,
        page_view_number,
        sum(engaged_ms) as pinged_ms,
        max(scroll_percent) as scroll_percent,
        sum(click_count) as click_count
    from {{ ref('int_pings') }}
    group by session_id, site_id, page_view_number

),

page_views_measured as (

    select
        page_views_timed.*,
        coalesce(pings_summed.pinged_ms, 0) as pinged_ms,
        least(coalesce(pings_summed.scroll_percent, 0), 100) as scroll_depth_percent,
        coalesce(pings_summed.click_count, 0) as click_count
    from page_views_timed
    left join pings_summed
        on
            page_views_timed.site_id = pings_summed.site_id
            and page_views_timed.session_id = pings_summed.session_id
            and page_views_timed.page_view_number = pings_summed.page_view_number

),

time_viewed as (

    -- What a page view counts for where the client sends no pings.
    select
        *,
        least({{ milliseconds_between('entered_at', 'exited_at') }}, engaged_time_cap_ms) as viewed_ms
    from page_views_measured

)

select * from time_viewed
