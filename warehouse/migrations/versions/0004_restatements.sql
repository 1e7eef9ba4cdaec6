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
