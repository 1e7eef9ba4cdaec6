-- Which communities are visited, and by whom? Visitors do not add up over days: their figure is a daily mean.
select
    site_id,
    community_id,
    max(community_slug) as community_slug,
    sum(visit_count) as visit_count,
    round(avg(visitor_count), 2) as avg_visitor_count,
    round(100.0 * sum(signed_in_visitor_count) / sum(visitor_count), 2) as signed_in_percent,
    round(100.0 * sum(cross_division_visit_count) / sum(visit_count), 2) as cross_division_percent
from {{ source('published', 'community_visits_daily') }}
where {{ asked_for('event_date') }}
group by site_id, community_id
order by visit_count desc, site_id asc, community_id asc
limit {{ asked('rows') }}
