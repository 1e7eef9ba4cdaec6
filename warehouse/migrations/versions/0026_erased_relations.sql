-- A deleted row is out of reach at once, and its bytes stay in the file until the file is written anew.
create table ops.erased_relations (
    relation text collate "C" primary key,
    erased_at timestamptz not null default clock_timestamp(),
    erased_by xid8 not null default pg_current_xact_id()
);
comment on table ops.erased_relations is
'One row per table from which people were erased and whose files are not written anew since.';
comment on column ops.erased_relations.erased_by is
'The last transaction that erased there. Snapshots that are older still need the rows.';

-- Erasures of before were vacuumed only.
update ops.privacy_requests
set receipt = receipt || jsonb_build_object('unreadable_at', done_at)
where action = 'erase' and state = 'done' and receipt is not null and done_at is not null;
insert into ops.erased_relations (relation)
select n.nspname || '.' || c.relname
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind = 'r' and n.nspname in ('raw', 'marts')
    and exists (select from ops.privacy_requests as r where r.action = 'erase')
union
select relation
from (
    values ('ops.contact_vault'), ('ops.check_results'), ('pg_catalog.pg_statistic')
) as other (relation)
where exists (select from ops.privacy_requests as r where r.action = 'erase');
