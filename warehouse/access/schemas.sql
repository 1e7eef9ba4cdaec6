-- Schemas with their owners, and the grants on them as pairs of role and privilege.
select
    nspname as name,
    pg_get_userbyid(nspowner) as owner,
    'n' as kind,
    array(
        select array[case grantee when 0 then 'public' else pg_get_userbyid(grantee) end, privilege_type]
        from aclexplode(nspacl)
    ) as granted
from pg_namespace
where nspname = any(:names)
