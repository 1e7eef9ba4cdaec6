-- Each column of ops and raw that says by the database's clock when its row came to be.
select
    cast(cast(c.oid as regclass) as text) as relation,
    quote_ident(a.attname) as column_name
from pg_attrdef as d
inner join pg_attribute as a on d.adrelid = a.attrelid and d.adnum = a.attnum
inner join pg_class as c on a.attrelid = c.oid
where
    c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relnamespace in (cast('ops' as regnamespace), cast('raw' as regnamespace))
    and a.atttypid = cast('timestamptz' as regtype)
    and pg_get_expr(d.adbin, d.adrelid) in ('now()', 'clock_timestamp()', 'CURRENT_TIMESTAMP')
order by 1, 2
