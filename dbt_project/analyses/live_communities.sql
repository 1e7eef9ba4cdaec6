-- Who visits which community now, in the last 5 minutes? `community` chooses one.
select
    site_id,
    community_id,
    community_slug,
    visitor_count,
    signed_in_count,
    anonymous_count,
    signed_in_percent,
    anonymous_percent,
    cross_division_count,
    page_view_count,
    last_update_at
from {{ source('live', 'community_visitors') }}
where {{ of_site() }} and {{ of_community() }}
order by visitor_count desc, site_id asc, community_id asc
limit {{ asked('rows') }}
