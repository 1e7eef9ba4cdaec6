-- One row per ping of a session, with the number of the page view that it is of: zero if it is of none.
--
-- The client's id says which, and is never a guess: of a page view that is not in the session, a ping is of
-- none. Without an id it is the last page view of the same address up to then, else the last of all. A person
-- may have several pages open, so that the last one need not be the one that is read.
{{ config(sql_header=hash_joins_only()) }}
{% set address -%}
    coalesce(page_host, '') || page_path || '?' || coalesce(page_query, '') || '#' || coalesce(page_fragment, '')
{%- endset %}

with

pings as (

    select
        site_id,
        session_id,
        event_id,
        occurred_at,
        sequence,
        page_view_number,
        client_page_view_id,
        {{ address }} as page_address,
        engaged_ms,
        scroll_percent,
        click_count
    from {{ ref('int_session_events') }}
    where is_ping

),

page_views as (

    select
        site_id,
        session_id,
        occurred_at,
        sequence,
        page_view_number,
        client_page_view_id,
        {{ address }} as page_address
    from {{ ref('int_session_events') }}
    where is_page_view

),

named as (

    -- If a client gives its id twice, the ping is of the last one before it.
    -- The measures are the same in all rows of a ping.
    select
        pings.site_id,
        pings.session_id,
        coalesce(
            max(page_views.page_view_number) filter (
                where page_views.page_view_number <= pings.page_view_number
            ),
            min(page_views.page_view_number),
            0
        ) as page_view_number,
        max(pings.engaged_ms) as engaged_ms,
        max(pings.scroll_percent) as scroll_percent,
        max(pings.click_count) as click_count
    from pings
    left join page_views
        on
            pings.site_id = page_views.site_id
            and pings.session_id = page_views.session_id
            and pings.client_page_view_id = page_views.client_page_view_id
    where pings.client_page_view_id is not null
    group by pings.session_id, pings.site_id, pings.event_id, pings.occurred_at, pings.page_view_number

),

unnamed as (

    select * from pings
    where client_page_view_id is null

),

placed_by_time as (

    -- A page view opens its instant. A ping that was stamped before it is of the one before.
    select
        unnamed.site_id,
        unnamed.session_id,
        unnamed.event_id,
        unnamed.occurred_at,
        unnamed.page_address,
        coalesce(
            max(page_views.page_view_number) filter (
                where coalesce(unnamed.sequence >= page_views.sequence, true)
            ),
            nullif(min(page_views.page_view_number) - 1, 0),
            unnamed.page_view_number
        ) as page_view_number,
        max(unnamed.engaged_ms) as engaged_ms,
        max(unnamed.scroll_percent) as scroll_percent,
        max(unnamed.click_count) as click_count
    from unnamed
    left join page_views
        on
            unnamed.site_id = page_views.site_id
            and unnamed.session_id = page_views.session_id
            and unnamed.occurred_at = page_views.occurred_at
    group by
        unnamed.session_id, unnamed.site_id, unnamed.event_id, unnamed.occurred_at, unnamed.page_address,
        unnamed.page_view_number

),

placed_by_address as (

    select
        placed_by_time.site_id,
        placed_by_time.session_id,
        coalesce(max(page_views.page_view_number), placed_by_time.page_view_number) as page_view_number,
        max(placed_by_time.engaged_ms) as engaged_ms,
        max(placed_by_time.scroll_percent) as scroll_percent,
        max(placed_by_time.click_count) as click_count
    from placed_by_time
    left join page_views
        on
            placed_by_time.site_id = page_views.site_id
            and placed_by_time.session_id = page_views.session_id
            and placed_by_time.page_address = page_views.page_address
            and placed_by_time.page_view_number >= page_views.page_view_number
    group by
        placed_by_time.session_id, placed_by_time.site_id, placed_by_time.event_id,
        placed_by_time.occurred_at, placed_by_time.page_view_number

)

select * from named
union all
select * from placed_by_address
