-- One row per user_identified in the vault, seen by who sees contacts of the site; by a token of one user, its own.
select
    site_id,
    user_id,
    anonymous_id,
    occurred_at,
    event_date,
    event_id,
    email,
    phone,
    name,
    nullif(traits, '{}') as metadata
from ops.contact_vault
where
    event_name = 'user_identified'
    and (
        site_id = any(cast((select ops.sites_of_contacts()) as text[]))
        or (site_id = (select ops.own_site_of_token()) and user_id = (select ops.own_user_of_token()))
    )
