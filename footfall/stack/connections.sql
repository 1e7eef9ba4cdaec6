-- The server's connections, how many of them readers of this database may open together, and how many sites there are.
with

limits as (

    select
        rolname,
        rolconnlimit
    from pg_roles
    where rolcanlogin and rolconnlimit > 0

)

select
    current_setting('max_connections')::int as allowed,
    current_setting('superuser_reserved_connections')::int as for_superusers,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int as unreserved,
    (
        select coalesce(sum(rolconnlimit), 0)::int
        from limits
        where
            rolname = 'footfall_analyst'
            or rolname in (select analysts.role_name from ops.site_analysts as analysts)
    ) + (
        -- What answers them opens no more for all of them together.
        select least(coalesce(sum(rolconnlimit), 0), :of_tokens)::int
        from limits
        where rolname in (select 'footfall_token_' || tokens.token_id from ops.tokens as tokens)
    ) as promised,
    (select count(*) from ops.sites) as sites
