-- Who visited which community, day by day? `community` chooses one.
select
    site_id,
    event_date,
    community_id,
    community_slug,
    visit_count,
    visitor_count,
    signed_in_visitor_count,
    anonymous_visitor_count,
    signed_in_share as signed_in_percent,
    cross_division_visit_count,
    cross_division_visitor_count,
    count(*) over () as total
from {{ source('published', 'community_visits_daily') }}
where {{ of_community() }} and {{ asked_for('event_date') }}
order by event_date desc, site_id asc, visitor_count desc, community_id asc
{{ asked_page() }}
