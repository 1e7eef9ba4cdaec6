-- One row per session, with the user its device is known to belong to now.
select
    sessions.*,
    visitors.current_user_id
from marts.sessions
left join marts.visitors using (site_id, visitor_id)
