-- Relations of schemas (all, or `only` one) with their owners and the grants on them.
select
    n.nspname as schema,
    c.relname as name,
    pg_get_userbyid(c.relowner) as owner,
    c.relkind as kind,
    array(
        select array[case grantee when 0 then 'public' else pg_get_userbyid(grantee) end, privilege_type]
        from aclexplode(c.relacl)
    ) as granted,
    exists(
        select from pg_attribute as a
        where a.attrelid = c.oid and a.attname = 'site_id' and a.attnum > 0
    ) as is_of_sites
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname = any(:names)
    and c.relkind in ('r', 'p', 'v', 'S')
    and (cast(:only as text) is null or c.relname = :only)
order by n.nspname, c.relname
