-- Who holds a lock on the relation.
select distinct a.usename || ' (pid ' || a.pid || ', since ' || to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS') || ')'
from pg_locks as l
inner join pg_stat_activity as a on l.pid = a.pid
where
    l.granted and l.relation = to_regclass(:relation) and l.pid <> pg_backend_pid()
    and l.database = (
        select d.oid from pg_database as d
        where d.datname = current_database()
    )
