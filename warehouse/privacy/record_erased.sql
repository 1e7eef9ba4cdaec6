-- Record tables from which this transaction erases people.
insert into ops.erased_relations (relation)
select distinct n.nspname || '.' || leaf.relname
from unnest(cast(:relations as text[])) as given (name)
cross join lateral pg_partition_tree(to_regclass(given.name)) as tree
inner join pg_class as leaf on tree.relid = leaf.oid
inner join pg_namespace as n on leaf.relnamespace = n.oid
where tree.isleaf
union
-- A table that is no partition has no tree.
select n.nspname || '.' || c.relname
from unnest(cast(:relations as text[])) as given (name)
inner join pg_class as c on c.oid = to_regclass(given.name)
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind = 'r'
on conflict (relation) do update set erased_at = excluded.erased_at, erased_by = excluded.erased_by
