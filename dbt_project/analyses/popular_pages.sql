-- Which pages are viewed most, and for how long? With `sort` anonymous: which by anonymous visitors.
with

sessions as (

    {{ narrowed_sessions() }}

),

page_views as (

    select
        page_views.*,
        {{ key_text('page_views.page_path', '(unknown)', most=600) }} as path,
        case when sessions.start_cause = 'first_visit' then sessions.visitor_id end as new_visitor_id
    from {{ source('published', 'page_views') }} as page_views
    inner join sessions
        on page_views.site_id = sessions.site_id and page_views.session_id = sessions.session_id
    where {{ is_narrowed() }}

),

viewed as (

    select
        site_id,
        page_path,
        sum(page_view_count) as page_view_count,
        sum(anonymous_page_view_count) as anonymous_page_view_count,
        sum(new_visitor_count) as new_visitor_count,
        sum(page_view_seconds_total) as page_view_seconds_total,
        sum(entry_count) as entry_count,
        sum(exit_count) as exit_count,
        sum(bounce_count) as bounce_count
    from {{ source('published', 'daily_page_stats') }}
    where not ({{ is_narrowed() }}) and {{ asked_for('event_date') }}
    group by site_id, page_path
    union all
    select
        site_id,
        path as page_path,
        count(*) as page_view_count,
        count(*) filter (where is_anonymous) as anonymous_page_view_count,
        count(distinct new_visitor_id) as new_visitor_count,
        sum(duration_seconds) as page_view_seconds_total,
        count(*) filter (where is_entry) as entry_count,
        count(*) filter (where is_exit) as exit_count,
        count(*) filter (where is_entry and is_bounce) as bounce_count
    from page_views
    group by site_id, path

)

select
    site_id,
    page_path,
    page_view_count,
    anonymous_page_view_count,
    new_visitor_count,
    round(1.0 * page_view_seconds_total / page_view_count, 2) as avg_seconds,
    entry_count,
    exit_count,
    bounce_count,
    count(*) over () as total
from viewed
order by
    {{ sorted_as_asked({
        'page_views': 'page_view_count', 'anonymous': 'anonymous_page_view_count',
    }) }},
    site_id asc,
    page_path asc
{{ asked_page() }}
