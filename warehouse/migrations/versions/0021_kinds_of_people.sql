-- What is kept of signed-in and of anonymous people may be kept for different times: a policy that separates them has
-- a row for each kind.
alter table ops.retention_policies
add column kind text collate "C" not null default 'all' check (kind in ('all', 'anonymous', 'signed_in')),
add column least_days integer not null default 1;
comment on column ops.retention_policies.kind is
    'Whose data: of all people, of anonymous, or of signed-in ones.';
comment on column ops.retention_policies.least_days is 'The least number of days that it can be set to.';

alter table ops.retention_policies drop constraint retention_policies_pkey;
alter table ops.retention_policies add primary key (policy, kind);
alter table ops.retention_policies drop constraint retention_policies_keep_days_check;
alter table ops.retention_policies add constraint retention_policies_keep_days_check check (keep_days >= least_days);
comment on table ops.retention_policies is 'One row per policy and kind of people: how long it keeps their data.';

update ops.retention_policies set kind = 'anonymous'
where policy in ('raw_events', 'ip_addresses');
insert into ops.retention_policies (policy, kind, keep_days, description)
select
    policy,
    'signed_in' as kind,
    keep_days,
    description
from ops.retention_policies
where policy in ('raw_events', 'ip_addresses');

create table ops.pruned_kinds (
    event_date date not null,
    policy text collate "C" not null,
    kind text collate "C" not null check (kind in ('anonymous', 'signed_in')),
    pruned_at timestamptz not null default now(),
    primary key (event_date, policy, kind)
);
comment on table ops.pruned_kinds is
    'One row per frozen day, policy and kind of people whose raw events hold nothing any more that the policy prunes.';

comment on table ops.frozen_days is
    'One row per day whose raw events are gone, all, those of one kind of people, or some: no event is added, and what is
published of the day stays.';
