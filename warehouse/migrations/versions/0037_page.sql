create function ops.sites_seen()
returns table (site_id text, timezone text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.site_id, s.timezone
    from ops.sites as s
    where
        pg_has_role(session_user, 'footfall_analyst', 'usage')
        or s.site_id = ops.site_of(session_user)
        or s.site_id = any(ops.sites_of_token())
        or s.site_id = ops.own_site_of_token()
$$;
comment on function ops.sites_seen is 'The sites of which this session''s login sees all rows, or those of one user.';
alter function ops.sites_seen owner to footfall_owner;
revoke execute on function ops.sites_seen from public;
grant execute on function ops.sites_seen to footfall_analyst, footfall_site_analyst, footfall_token;
