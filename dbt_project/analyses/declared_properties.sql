-- Which properties of events are declared, so that events are found by them?
select
    site_id,
    event_name,
    property,
    type,
    description
from ops.properties_declared()
where {{ of_site() }}
order by site_id, event_name, property
