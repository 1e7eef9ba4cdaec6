-- The number of each thing, and the time of the newest.
select
    'loaded events' as what,
    cast(coalesce(sum(loaded_count), 0) as bigint) as amount,
    to_char(max(last_received_at), 'YYYY-MM-DD HH24:MI:SS "UTC"') as newest
from ops.landed_files
where state = 'loaded'
union all
select
    'duplicates left out',
    cast(coalesce(sum(duplicate_count), 0) as bigint),
    null
from ops.landed_files
union all
select
    'rejected events',
    count(*),
    to_char(max(rejected_at), 'YYYY-MM-DD HH24:MI:SS "UTC"')
from ops.rejects
where replayed_at is null
union all
select
    'refused files',
    count(*),
    max(file_name)
from ops.landed_files
where state = 'refused'
union all
select
    'dirty days',
    count(distinct event_date),
    cast(max(event_date) as text)
from ops.dirty_days
union all
select
    'published days',
    count(distinct event_date),
    cast(max(event_date) as text)
from ops.publication_marts
union all
select
    'days in the future',
    count(distinct event_date),
    cast(max(event_date) as text)
from (
    select event_date from ops.dirty_days
    union
    select event_date from ops.publication_marts
) as days
where event_date > current_date + 1
union all
select
    'publications',
    count(*),
    to_char(max(published_at), 'YYYY-MM-DD HH24:MI:SS "UTC"')
from ops.publications
union all
select
    'last audit: failed checks',
    coalesce(max(failed_count), 0),
    to_char(max(audited_at), 'YYYY-MM-DD HH24:MI:SS "UTC"')
from (select
    failed_count,
    audited_at
from ops.audits
order by audit_id desc limit 1) as newest_audit
