create function ops.properties_declared()
returns table (site_id text, event_name text, property text, type text, description text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select d.site_id, d.event_name, d.property, d.type, d.description
    from ops.declared_properties as d
    where
        pg_has_role(session_user, 'footfall_analyst', 'usage')
        or d.site_id = ops.site_of(session_user)
        or d.site_id = any(ops.sites_of_token())
        or d.site_id = ops.own_site_of_token()
$$;
comment on function ops.properties_declared is
'The properties that the sites of this session''s login declare: those by which events are found.';
alter function ops.properties_declared owner to footfall_owner;
revoke execute on function ops.properties_declared from public;
grant execute on function ops.properties_declared to footfall_analyst, footfall_site_analyst, footfall_token;
