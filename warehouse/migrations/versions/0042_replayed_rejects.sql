alter table raw.rejects add column replayed_at timestamptz;
comment on column raw.rejects.replayed_at is
'When `footfall rejects replay` landed it again, because it passes the rules now; null: it is still rejected.';

create or replace view ops.rejects as
select r.reject_id, r.site_id, r.received_at, r.rejected_at, r.reason, r.field, f.file_name, r.line_number, r.replayed_at
from raw.rejects r
left join ops.landed_files f using (file_id);

create or replace function ops.rejects_seen()
returns table (site_id text, event_date date, reason text, field text, reject_count bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.site_id, cast(coalesce(r.received_at, r.rejected_at) at time zone s.timezone as date), r.reason, r.field,
        count(*)
    from raw.rejects as r
    inner join ops.sites_seen() as s on r.site_id = s.site_id
    where r.replayed_at is null
    group by 1, 2, 3, 4
$$;
