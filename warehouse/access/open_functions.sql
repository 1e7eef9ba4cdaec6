-- Functions of PostgreSQL that readers must not call: those that take advisory locks, keep large objects, fill the log
-- of changes or the queue of notices. What gives a lock back stays open: pools of clients call it at each turn.
select
    p.oid::regprocedure::text as signature,
    p.proname ~ '^pg_(try_)?advisory_' as is_lock,
    exists(
        select from aclexplode(p.acl)
        where grantee = 0
    ) as is_open,
    array(
        select pg_get_userbyid(grantee)::text from aclexplode(p.acl)
        where grantee <> 0
    ) as granted,
    pg_has_role(p.proowner, 'usage') as may_change
from (
    select
        *,
        coalesce(proacl, acldefault('f', proowner)) as acl
    from pg_proc
    where pronamespace = 'pg_catalog'::regnamespace
) as p
where
    p.proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$|^lo_|^(loread|lowrite|pg_logical_emit_message|pg_notify)$'
order by 1
