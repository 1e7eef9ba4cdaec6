-- Days of raw events before the first one to keep, by the names of their partitions. Dirty days stay.
select to_date(right(relname, 8), 'YYYYMMDD') as day
from pg_class
where
    relnamespace = cast('raw' as regnamespace)
    and relkind = 'r'
    and relname ~ '^events_[0-9]{8}$'
    and to_date(right(relname, 8), 'YYYYMMDD') < :before
    and to_date(right(relname, 8), 'YYYYMMDD') not in (select event_date from ops.dirty_days)
order by day
