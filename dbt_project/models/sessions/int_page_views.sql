-- One row per page view of the session events. A page view lasts until the next one or until the session's
-- end. The next page view is the event right after its last event, so that no window is needed.

with

session_events as (

    select * from {{ ref('int_session_events') }}
    where page_view_number > 0

),

page_views_measured as (

    select
        site_id,
        session_id,
        page_view_number,
        min(event_id) filter (where is_page_view) as event_id,
        min(occurred_at) as entered_at,
        max(coalesce(next_occurred_at, occurred_at)) as exited_at,
        max(page_path) filter (where is_page_view) as page_path,
        max(page_title) filter (where is_page_view) as page_title,
        max(page_type) filter (where is_page_view) as page_type,
        max(page_identifier) filter (where is_page_view) as page_identifier,
        coalesce(sum(engaged_ms), 0) as pinged_ms,
        least(coalesce(max(scroll_percent), 0), 100) as scroll_depth_percent,
        coalesce(sum(click_count), 0) as click_count,
        max(
            case
                when is_page_view then least(
                    {{ milliseconds_between('occurred_at', 'coalesce(next_occurred_at, occurred_at)') }},
                    engaged_time_cap_ms
                )
            end
        ) as viewed_ms
    from session_events
    group by session_id, site_id, page_view_number

)

select * from page_views_measured
