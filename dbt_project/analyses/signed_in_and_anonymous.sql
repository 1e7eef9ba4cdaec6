-- Do people who are signed in stay longer than others? A session with a sign-in counts on both sides.
with

sessions as (

    select
        sessions.site_id,
        sessions.is_engaged,
        sessions.duration_seconds,
        sessions.page_view_count,
        not sessions.is_anonymous as is_signed_in,
        sessions.is_anonymous or sessions.started_at < sessions.identified_at as began_anonymous,
        {{ anonymous_seconds('sessions') }} as anonymous_seconds,
        {{ anonymous_page_views('sessions') }} as anonymous_page_views
    from {{ source('published', 'sessions') }} as sessions
    where not sessions.is_bot and {{ asked_for('event_date') }}

),

parts as (

    select
        site_id,
        true as is_anonymous,
        anonymous_seconds as seconds,
        anonymous_page_views as page_view_count,
        is_engaged
    from sessions
    where began_anonymous or anonymous_page_views > 0
    union all
    select
        site_id,
        false as is_anonymous,
        duration_seconds - anonymous_seconds as seconds,
        page_view_count - anonymous_page_views as page_view_count,
        is_engaged
    from sessions
    where is_signed_in

)

select
    site_id,
    is_anonymous,
    count(*) as session_count,
    round(avg(seconds), 2) as avg_session_seconds,
    round(avg(page_view_count), 2) as avg_page_view_count,
    round(100.0 * count(*) filter (where is_engaged) / count(*), 2) as engaged_percent
from parts
group by site_id, is_anonymous
order by site_id, is_anonymous
