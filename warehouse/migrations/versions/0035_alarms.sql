create table ops.alarm_rules (
    rule text collate "C" not null,
    site_id text collate "C" references ops.sites on delete cascade,
    threshold numeric not null,
    least numeric not null default 0,
    unique nulls not distinct (rule, site_id)
);
comment on table ops.alarm_rules is
'One row per rule and site. A row without a site holds for every site that has no row of its own.';
comment on column ops.alarm_rules.threshold is
'Where the rule begins to be broken: usual sessions, spreads, a share, or the hour of the site''s own day.';
comment on column ops.alarm_rules.least is 'With less that is usual, or fewer failed payments or rejects, the rule says nothing.';
insert into ops.alarm_rules (rule, threshold, least) values
('no_events', 10, 0),
('sessions', 3.5, 30),
('visitors', 3.5, 30),
('conversions', 3.5, 30),
('revenue', 3.5, 30),
('failed_payments', 0.5, 5),
('rejects', 0.1, 50),
('not_published', 6, 0);

create table ops.alarm_silences (
    rule text collate "C",
    site_id text collate "C" references ops.sites on delete cascade,
    until timestamptz not null,
    unique nulls not distinct (rule, site_id)
);
comment on table ops.alarm_silences is 'One row per rule (null: all) and site (null: all) of which nothing is sent until then.';

create index rejects_rejected_at on raw.rejects (rejected_at);

create table ops.alarms (
    alarm_id bigint generated always as identity primary key,
    rule text collate "C" not null,
    site_id text collate "C" not null,
    part text collate "C" not null default '',
    title text not null,
    description text not null,
    path text not null,
    since timestamptz not null,
    raised_at timestamptz not null default clock_timestamp(),
    resolved_at timestamptz,
    sent text collate "C" check (sent in ('raised', 'resolved'))
);
create unique index alarms_open on ops.alarms (rule, site_id, part) where resolved_at is null;
comment on table ops.alarms is 'One row per time that a rule was broken at a site, from when it was raised until it was resolved.';
comment on column ops.alarms.part is 'Which part of the figure it is about, such as a currency; else all of it: empty.';
comment on column ops.alarms.path is 'The page that shows it, without the address of the server.';
comment on column ops.alarms.since is 'Since when it has been so.';
comment on column ops.alarms.resolved_at is 'When the rule was kept again; null: the alarm is open.';
comment on column ops.alarms.sent is 'The last state of which messages were made; null: none yet, it was silenced.';

create table ops.deliveries (
    delivery_id uuid primary key default gen_random_uuid(),
    receiver text collate "C" not null,
    site_id text collate "C",
    message jsonb not null,
    once text collate "C" unique,
    made_at timestamptz not null default clock_timestamp(),
    tries integer not null default 0,
    next_try_at timestamptz not null default clock_timestamp(),
    delivered_at timestamptz,
    problem text
);
create index deliveries_due on ops.deliveries (receiver, next_try_at) where delivered_at is null;
comment on table ops.deliveries is 'One row per message to one receiver: alarms, failures, reports. It is tried until it is taken, for a day.';
comment on column ops.deliveries.receiver is 'log, webhook or mail; where these are is in the settings alone.';
comment on column ops.deliveries.once is 'What is sent once, however often it is asked for, such as the report of a day; null: no such thing.';
comment on column ops.deliveries.problem is 'Why the last try failed; null: none did.';

insert into ops.retention_policies (policy, keep_days, description) values
('alarms', 365, 'Resolved alarms, and messages that were sent or given up'),
('reports', 365, 'Reports of a day, by when they were written');
