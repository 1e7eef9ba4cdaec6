-- For whom a backend waits: who holds what it wants, what that is, and what the holder does.
select
    holder.pid,
    holder.state,
    coalesce(waiting.waitstart, now()) as waiting_since,
    coalesce(holder.usename, pg_get_userbyid(holder.usesysid), 'unknown') as role,
    coalesce(holder.xact_start, holder.query_start, holder.backend_start) as since,
    case waiting.locktype
        when 'relation' then 'a lock on ' || cast(cast(waiting.relation as regclass) as text)
        when 'advisory' then 'lock ' || cast(waiting.objid as text)
        else 'a lock on a ' || waiting.locktype
    end as locked,
    left(regexp_replace(holder.query, '\s+', ' ', 'g'), 200) as query
from pg_locks as waiting
cross join unnest(pg_blocking_pids(waiting.pid)) as blocking (pid)
inner join pg_stat_activity as holder on blocking.pid = holder.pid
where waiting.pid = :pid and not waiting.granted
order by holder.pid
