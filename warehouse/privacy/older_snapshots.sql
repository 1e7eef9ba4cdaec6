-- Whose snapshots are so old that they still need rows that were erased from the relation, or replaced by publishing.
with erased as (
    select
        -- The less of the two ages: the later transaction. One of another cluster, before a restore, is no older.
        greatest(least(
            age(cast(r.erased_by as xid)),
            case
                when starts_with(r.relation, 'marts.')
                    then (
                        select age(p.xmin) from ops.publications as p
                        order by p.publication_id desc limit 1
                    )
            end
        ), 0) as ago
    from ops.erased_relations as r
    where r.relation = :relation
),

holders as (
    select
        greatest(age(a.backend_xmin), age(a.backend_xid)) as ago,
        a.usename || ' (pid ' || a.pid || ', since ' || to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS') || ')' as holder
    from pg_stat_activity as a
    where a.pid <> pg_backend_pid() and (a.datname = current_database() or a.datname is null)
    union all
    select
        greatest(age(s.xmin), age(s.catalog_xmin)),
        'replication slot ' || s.slot_name
    from pg_replication_slots as s
    union all
    select
        age(x.transaction),
        'prepared transaction ' || x.gid
    from pg_prepared_xacts as x
    where x.database = current_database()
)

select coalesce(holder, 'a process')
from holders
inner join erased on holders.ago >= erased.ago
order by holders.ago desc
