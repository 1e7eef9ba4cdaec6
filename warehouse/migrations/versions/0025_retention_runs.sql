-- Retention compares the database's clock with its last run, so that a wrong clock empties nothing.
create table ops.retention_runs (
    run_date date primary key,
    is_confirmed boolean not null default false,
    ran_at timestamptz not null default now()
);
comment on table ops.retention_runs is
    'One row per day on which retention pruned, by the database''s clock.';
comment on column ops.retention_runs.is_confirmed is
    'Whether a person said that this was the date: `footfall retain --confirm-today`.';
comment on column ops.retention_runs.ran_at is 'When the first run of the day began.';
