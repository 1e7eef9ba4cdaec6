-- The figures of monitoring that the database knows: name, labels and value.
with

newest_of_sites as (

    select
        s.site_id,
        max(least((cast(p.last_date as timestamp) + interval '1 day') at time zone s.timezone, p.published_at)) as until
    from ops.publications as p
    inner join ops.candidates as c on p.candidate_id = c.candidate_id
    inner join ops.sites as s on c.sites is null or s.site_id = any(c.sites)
    where ops.knows_zone(s.timezone)
    group by s.site_id

),

last_audit as (

    select
        passed,
        audited_at
    from ops.audits
    order by audit_id desc
    limit 1

)

select
    'published_until_timestamp_seconds' as name,
    jsonb_build_object('site', site_id) as labels,
    extract(epoch from until) as value
from newest_of_sites
union all
select
    'publication_timestamp_seconds',
    '{}',
    extract(epoch from max(published_at))
from ops.publications
having count(*) > 0
union all
select
    'dirty',
    jsonb_build_object('site', s.site_id),
    count(distinct d.event_date)
from ops.sites as s
left join ops.dirty_days as d on s.site_id = d.site_id
group by s.site_id
union all
select
    'dirty_oldest_timestamp_seconds',
    jsonb_build_object('site', site_id),
    extract(epoch from min(marked_at))
from ops.dirty_days
group by site_id
union all
select
    'held_back',
    jsonb_build_object('site', s.site_id),
    count(distinct h.event_date)
from ops.sites as s
left join ops.held_days as h on s.site_id = h.site_id
group by s.site_id
union all
select
    'audit_passed',
    '{}',
    cast(passed as int)
from last_audit
union all
select
    'audit_timestamp_seconds',
    '{}',
    extract(epoch from audited_at)
from last_audit
union all
(select
    'load_timestamp_seconds',
    '{}',
    extract(epoch from loaded_at)
from ops.landed_files
order by file_id desc
limit 1)
union all
select
    'rejects_last_day',
    jsonb_build_object('site', site_id, 'reason', reason),
    count(*)
from ops.rejects
where rejected_at > now() - interval '24 hours'
group by site_id, reason
union all
select
    'refused_files',
    '{}',
    count(*)
from ops.landed_files
where state = 'refused'
union all
select
    'schema_bytes',
    jsonb_build_object('schema', n.nspname),
    coalesce(sum(pg_total_relation_size(c.oid)), 0)
from pg_namespace as n
left join pg_class as c on n.oid = c.relnamespace and c.relkind in ('r', 'm')
where n.nspname in ('raw', 'staging', 'intermediate', 'audit', 'marts', 'ops', 'today')
group by n.nspname
union all
select
    'alarms_open',
    jsonb_build_object('rule', rule, 'site', site_id),
    count(*)
from ops.alarms
where resolved_at is null
group by rule, site_id
