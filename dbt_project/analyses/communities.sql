-- Which communities are visited, by whom? Visitors of several days do not add up: theirs is a mean.
select
    site_id,
    community_id,
    max(community_slug) as community_slug,
    sum(visits) as visits,
    round(avg(visitors), 2) as avg_daily_visitors,
    round(100.0 * sum(signed_in_visitors) / sum(visitors), 2) as signed_in_percent,
    round(100.0 * sum(cross_division_visits) / sum(visits), 2) as cross_division_percent
from {{ source('published', 'community_visits_daily') }}
where {{ asked_for('stat_date') }}
group by site_id, community_id
order by visits desc, site_id asc, community_id asc
limit {{ var('rows') }}
