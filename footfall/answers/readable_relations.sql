-- What the current role may read of marts and live: a row for each column, with what its comment says.
select
    n.nspname::text as schema,
    c.relname::text as relation,
    coalesce(obj_description(c.oid, 'pg_class'), '') as about,
    a.attname::text as name,
    format_type(a.atttypid, a.atttypmod) as data_type,
    coalesce(col_description(c.oid, a.attnum), '') as description,
    coalesce(a.attnum = any(k.indkey), false) as is_key
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
left join pg_index as k on c.oid = k.indrelid and k.indisprimary
where
    n.nspname in ('marts', 'live')
    and c.relkind in ('r', 'v')
    -- MetricFlow's own; people have marts.dates.
    and not (n.nspname = 'live' and c.relname like 'calendar%')
    and a.attnum > 0
    and not a.attisdropped
    and has_table_privilege(c.oid, 'select')
order by schema desc, relation asc, a.attnum asc
