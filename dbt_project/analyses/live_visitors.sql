-- How many people are in which area of the shop now?
select
    site_id,
    area,
    visitor_count,
    last_update_at
from {{ source('live', 'areas') }}
where {{ of_site() }}
order by site_id, area_number
