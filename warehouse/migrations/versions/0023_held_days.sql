-- A mark is about one site, so that one site's old or doubtful days cost no other site anything.

alter table ops.dirty_days add column site_id text collate "C";
insert into ops.dirty_days (site_id, event_date, cause, file_id, marked_at)
select s.site_id, d.event_date, d.cause, d.file_id, d.marked_at
from ops.dirty_days d
cross join ops.sites s
where d.cause <> 'events_loaded'
    or exists (
        select from raw.events e
        where e.event_date = d.event_date and e.file_id = d.file_id and e.site_id = s.site_id
    )
    or not exists (select from raw.events e where e.event_date = d.event_date and e.file_id = d.file_id);
delete from ops.dirty_days where site_id is null;
alter table ops.dirty_days alter column site_id set not null;
comment on table ops.dirty_days is
    'One row per mark: this day of the site must be built again. Publishing deletes exactly the marks it covered.';

alter table ops.candidates add column sites text[];
comment on column ops.candidates.sites is 'The sites that were built; null, from before they were recorded: all.';
update ops.candidates set state = 'abandoned' where state in ('building', 'built');

-- Days of a site that are held back -------------------------------------------------------------

create table ops.held_days (
    site_id text collate "C" not null,
    event_date date not null,
    mart text not null,
    expectation text not null,
    reason text not null,
    figure numeric,
    usual numeric,
    because_of date,
    candidate_id uuid not null references ops.candidates,
    held_at timestamptz not null default now(),
    primary key (site_id, event_date, mart, expectation)
);
comment on table ops.held_days is
    'One row per day of a site and expectation that failed: the day stays as it was published, until it is accepted or changes.';
comment on column ops.held_days.figure is 'What was found, where the expectation compares a figure with what is usual.';
comment on column ops.held_days.because_of is 'The day that this one depends on and waits for.';
comment on column ops.held_days.candidate_id is 'The build that failed. A mark that it did not cover lets the day be built again.';

create table ops.accepted_figures (
    accepted_id bigint generated always as identity primary key,
    site_id text collate "C" not null,
    event_date date not null,
    mart text not null,
    expectation text not null,
    figure numeric not null,
    usual numeric not null,
    reason text not null check (reason <> ''),
    accepted_by text not null,
    accepted_at timestamptz not null default now()
);
comment on table ops.accepted_figures is
    'One row per unusual figure that a person accepted. It lapses when the figure moves further from what is usual.';
