create table ops.funnels (
    site_id text collate "C" not null references ops.sites on delete cascade,
    funnel text collate "C" not null,
    steps text[] collate "C" not null check (cardinality(steps) between 2 and 20),
    added_at timestamptz not null default clock_timestamp(),
    primary key (site_id, funnel)
);
comment on table ops.funnels is
    'One row per funnel of a site, which mart daily_funnels counts. Set by footfall funnel add.';
comment on column ops.funnels.steps is 'Its steps in order, each as in ops.goals.';
