-- One row per session, with the newest known user of its device.
select
    sessions.*,
    visitors.current_user_id
from marts.sessions
left join marts.visitors using (site_id, visitor_id)
