alter table ops.tokens add column page text;
comment on column ops.tokens.page is
'Address of the one page that it shows to who has the link, and of nothing else; null: it is a token of a reader.';

alter table ops.sites add column framed_by text[] not null default '{}';
comment on column ops.sites.framed_by is 'Origins whose pages may show shared pages of the site in a frame; empty: none.';

create function ops.sites_seen()
returns table (site_id text, timezone text, framed_by text[])
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.site_id, s.timezone, s.framed_by
    from ops.sites as s
    where
        pg_has_role(session_user, 'footfall_analyst', 'usage')
        or s.site_id = ops.site_of(session_user)
        or s.site_id = any(ops.sites_of_token())
$$;
comment on function ops.sites_seen is 'The sites of which this session''s login sees all rows.';

-- What a site's readers may know of how its figures came about. Payloads and file names stay where they are.

create function ops.publications_seen()
returns table (
    site_id text, publication_id bigint, published_at timestamptz, first_day date, last_day date,
    check_count integer, failed_check_count integer
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        s.site_id, p.publication_id, p.published_at, p.first_date, p.last_date,
        a.expectation_count, a.failed_count
    from ops.sites_seen() as s
    cross join ops.publications as p
    inner join ops.candidates as c on p.candidate_id = c.candidate_id
    left join lateral (
        select * from ops.audits
        where candidate_id = p.candidate_id
        order by audit_id desc limit 1
    ) as a on true
    where c.sites is null or s.site_id = any(c.sites)
$$;
comment on function ops.publications_seen is
'The publications of the sites that this session''s login sees, with the checks that each passed.';

create function ops.restatements_seen()
returns table (
    site_id text, event_date date, figure text, old_value numeric, new_value numeric, causes text[],
    restated_at timestamptz
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select r.site_id, r.event_date, r.figure, r.old_value, r.new_value, r.causes, r.restated_at
    from ops.restatements as r
    inner join ops.sites_seen() as s on r.site_id = s.site_id
$$;
comment on function ops.restatements_seen is
'Published figures that changed later, of the sites that this session''s login sees.';

create function ops.rejects_seen()
returns table (site_id text, event_date date, reason text, field text, reject_count bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.site_id, cast(coalesce(r.received_at, r.rejected_at) at time zone s.timezone as date), r.reason, r.field,
        count(*)
    from raw.rejects as r
    inner join ops.sites_seen() as s on r.site_id = s.site_id
    group by 1, 2, 3, 4
$$;
comment on function ops.rejects_seen is
'How many events of the sites that this session''s login sees were rejected, by the day of receipt and the reason.';

create function ops.held_days_seen()
returns table (
    site_id text, event_date date, mart text, expectation text, reason text, figure numeric, usual numeric,
    held_at timestamptz
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select h.site_id, h.event_date, h.mart, h.expectation, h.reason, h.figure, h.usual, h.held_at
    from ops.held_days as h
    inner join ops.sites_seen() as s on h.site_id = s.site_id
$$;
comment on function ops.held_days_seen is
'Days that stay as they were published because a check failed, of the sites that this session''s login sees.';

create function ops.waiting_days_seen()
returns table (site_id text, event_date date, causes text[], marked_at timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select d.site_id, d.event_date, array_agg(distinct d.cause order by d.cause), max(d.marked_at)
    from ops.dirty_days as d
    inner join ops.sites_seen() as s on d.site_id = s.site_id
    group by 1, 2
$$;
comment on function ops.waiting_days_seen is
'Days that the next night builds, and why, of the sites that this session''s login sees.';

do $$
declare
    name text;
begin
    foreach name in array array['sites', 'publications', 'restatements', 'rejects', 'held_days', 'waiting_days']
    loop
        execute format('alter function ops.%I owner to footfall_owner', name || '_seen');
        execute format('revoke execute on function ops.%I from public', name || '_seen');
        execute format(
            'grant execute on function ops.%I to footfall_analyst, footfall_site_analyst, footfall_token',
            name || '_seen'
        );
    end loop;
end
$$;
