-- The sessions of readers in this database, each with the limit that it is beyond, if any.
select
    reader.pid,
    reader.usename::text as role,
    coalesce(reader.state, 'unknown') as state,
    reader.xact_start as since,
    left(regexp_replace(reader.query, '\s+', ' ', 'g'), 200) as query,
    case
        when holding.waiting is not null then 'has held up ' || holding.waiting
        when
            reader.state in ('active', 'fastpath function call')
            and reader.query_start < clock_timestamp() - make_interval(secs => :statement_minutes * 60 + 30)
            then 'its statement takes longer than ' || :statement_minutes || ' minutes'
        when
            reader.state like 'idle in transaction%'
            and reader.state_change < clock_timestamp() - make_interval(secs => :idle_minutes * 60 + 30)
            then 'its transaction is idle for more than ' || :idle_minutes || ' minutes'
        when
            reader.xact_start < clock_timestamp() - make_interval(secs => :transaction_minutes * 60)
            then 'its transaction takes longer than ' || :transaction_minutes || ' minutes'
    end as beyond
from pg_stat_activity as reader
left join lateral (
    -- Only who holds what is wanted: others may stand before the waiter in the queue.
    select string_agg(distinct waiter.usename || ', pid ' || waiter.pid, '; ') as waiting
    from pg_locks as wanted
    inner join pg_stat_activity as waiter on wanted.pid = waiter.pid
    inner join pg_locks as held
        on
            reader.pid = held.pid
            and held.granted
            and (
                held.locktype, held.database, held.relation, held.virtualxid, held.transactionid, held.classid,
                held.objid, held.objsubid
            ) is not distinct from (
                wanted.locktype, wanted.database, wanted.relation, wanted.virtualxid, wanted.transactionid,
                wanted.classid, wanted.objid, wanted.objsubid
            )
    where
        not wanted.granted
        and wanted.waitstart < clock_timestamp() - make_interval(secs => :blocking_seconds)
        and not waiter.usename = any(:readers)
        and waiter.datname = current_database()
        and reader.pid = any(pg_blocking_pids(wanted.pid))
) as holding on true
where
    reader.datname = current_database()
    and reader.usename = any(:readers)
    and reader.backend_type = 'client backend'
order by reader.xact_start, reader.pid
