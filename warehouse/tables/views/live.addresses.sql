-- One row per raw event whose address is not anonymised yet, seen by who sees contacts of the site; by a token of one
-- user, its own.
select
    site_id,
    user_id,
    anonymous_id,
    occurred_at,
    event_date,
    event_id,
    ip
from raw.events
where
    ip is not null
    and (
        site_id = any(cast((select ops.sites_of_contacts()) as text[]))
        or (site_id = (select ops.own_site_of_token()) and user_id = (select ops.own_user_of_token()))
    )
