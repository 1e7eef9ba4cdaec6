-- The days of loaded and published events that have begun in no timezone yet.
select event_date
from ops.dirty_days
where event_date > current_date + 1
union
select event_date
from ops.publication_marts
where event_date > current_date + 1
order by event_date
