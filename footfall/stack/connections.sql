-- The server's connections, and how many of them readers of this database may open together.
select
    current_setting('max_connections')::int as allowed,
    current_setting('superuser_reserved_connections')::int as for_superusers,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int as unreserved,
    (
        select coalesce(sum(role.rolconnlimit), 0)::int
        from pg_roles as role
        where
            role.rolcanlogin
            and role.rolconnlimit > 0
            and (
                role.rolname = 'footfall_analyst'
                or role.rolname in (select analysts.role_name from ops.site_analysts as analysts)
                or role.rolname in (select 'footfall_token_' || tokens.token_id from ops.tokens as tokens)
            )
    ) as promised
