-- How many people are on which category, offer or other page now?
select
    site_id,
    page_type,
    page_identifier,
    visitor_count,
    signed_in_count,
    anonymous_count,
    last_update_at
from {{ source('live', 'visitors_by_page') }}
where {{ of_site() }}
order by visitor_count desc, site_id asc, page_type asc, page_identifier asc nulls first
limit {{ asked('rows') }}
