with

gaps_measured as (
    select
        site_id,
        event_date,
        event_name,
        coalesce(anonymous_id, user_id) as visitor_id,
        coalesce(
            occurred_at - lag(occurred_at) over (
                partition by site_id, coalesce(anonymous_id, user_id) order by occurred_at
            ) > interval '30 minutes',
            true
        ) as is_start
    from raw.events
    where event_date between :first and :last
)

select
    site_id,
    event_date,
    count(*) filter (where is_start) as session_count,
    count(distinct visitor_id) as visitor_count,
    count(*) filter (where event_name = 'page_viewed') as page_view_count
from gaps_measured
group by site_id, event_date
order by site_id, event_date
