-- Where copies of an event were.
create table raw.lost_copies (
    site_id text collate "C" not null,
    event_id text collate "C" not null,
    event_date date not null,
    primary key (site_id, event_id, event_date)
);
comment on table raw.lost_copies is
    'One row per event and day on which a copy of it was loaded that lost to one of a neighbouring day.';

-- What a published day rests on: a later build must not find less.
create table ops.candidate_days (
    candidate_id uuid not null references ops.candidates,
    event_date date not null,
    raw_events bigint not null,
    raw_fingerprint text not null,
    primary key (candidate_id, event_date)
);
comment on table ops.candidate_days is 'One row per candidate and day that it builds: the raw events it is built from.';
comment on column ops.candidate_days.raw_fingerprint is 'Sum of hashes of site and event id; their order does not matter.';

create view ops.published_days as
select distinct on (d.event_date) d.event_date, d.raw_events, d.raw_fingerprint, p.publication_id, p.published_at
from ops.candidate_days d
join ops.publications p using (candidate_id)
order by d.event_date, p.publication_id desc;
comment on view ops.published_days is 'One row per published day: the raw events it was last published from.';

alter table ops.sealed_days add column reason text not null default 'pruned' check (reason in ('pruned', 'incomplete'));
comment on column ops.sealed_days.reason is 'pruned by retention, or incomplete: raw events had gone missing.';

-- How it changed.
create table ops.restatements (
    restatement_id bigint generated always as identity primary key,
    publication_id bigint not null references ops.publications,
    site_id text collate "C" not null,
    stat_date date not null,
    figure text collate "C" not null,
    old_value numeric not null,
    new_value numeric not null,
    causes text[] not null,
    restated_at timestamptz not null default now()
);
create index restatements_site_day on ops.restatements (site_id, stat_date);
comment on table ops.restatements is
    'One row per headline figure of daily_stats that changed after it was published for a day that was over.';
comment on column ops.restatements.causes is
    'Why the day was built again: late_events, earlier_copy (of an event, on a neighbouring day), first_visit_moved,
rebuild; and code_version where the models had changed since.';
