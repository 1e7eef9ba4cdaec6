-- How much does a visitor look at before signing in for the first time?
select
    site_id,
    count(*) as conversions,
    round(avg(page_views_before), 2) as avg_page_views,
    percentile_cont(0.5) within group (order by page_views_before) as median_page_views,
    round(avg(sessions_before), 2) as avg_sessions,
    round(avg(anonymous_seconds), 2) as avg_seconds
from {{ source('published', 'conversions') }}
where {{ asked_for('conversion_date') }}
group by site_id
order by site_id
