-- Who may make temporary tables in this database.
select
    datname as name,
    exists(
        select from aclexplode(d.acl)
        where grantee = 0 and privilege_type = 'TEMPORARY'
    ) as is_open,
    array(
        select cast(pg_get_userbyid(grantee) as text) from aclexplode(d.acl)
        where grantee <> 0 and privilege_type = 'TEMPORARY'
    ) as granted,
    pg_has_role(datdba, 'usage') as may_change
from (
    select
        *,
        coalesce(datacl, acldefault('d', datdba)) as acl
    from pg_database
    where datname = current_database()
) as d
