-- Schemas: raw (the loader writes), staging + intermediate (dbt, private), audit (candidates),
-- marts (what people read), live (views on the last minutes), ops (ledgers).
create schema raw;
create schema staging;
create schema intermediate;
create schema audit;
create schema marts;
create schema live;
create schema ops;

-- Sites and their write keys -------------------------------------------------------------------

create table ops.sites (
    site_id text collate "C" primary key,
    timezone text not null default 'UTC',
    origins text[] not null default '{}',
    created_at timestamptz not null default now()
);
comment on column ops.sites.timezone is 'IANA name; a day of this site is a calendar day of this zone.';
comment on column ops.sites.origins is 'Browser origins that may post; empty: any.';

create table ops.site_keys (
    key_hash text collate "C" primary key,
    site_id text collate "C" not null references ops.sites,
    hint text not null,
    created_at timestamptz not null default clock_timestamp(),
    revoked_at timestamptz
);
comment on column ops.site_keys.key_hash is 'SHA-256 of the key in hex. The key itself is shown once and never stored.';

-- Raw events -----------------------------------------------------------------------------------

create table raw.events (
    site_id text collate "C" not null,
    event_date date not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null,
    event_id text collate "C" not null,
    event_name text collate "C" not null,
    event_category text collate "C" not null,
    anonymous_id text collate "C",
    user_id text collate "C",
    client_session_id text collate "C",
    client_timestamp timestamptz not null,
    page_url text,
    page_title text,
    referrer text,
    page_type text collate "C",
    page_identifier text,
    screen_width integer,
    screen_height integer,
    user_agent_id uuid,
    ip inet,
    country_code text collate "C",
    city text,
    properties jsonb not null default '{}',
    flags text[] collate "C" not null default '{}',
    collector_id text collate "C" not null,
    file_id bigint not null,
    line_number integer not null,
    check (anonymous_id is not null or user_id is not null)
) partition by range (event_date);
-- Finds the other copies of an event when a file is loaded; a hash keeps it small and cheap to grow.
create index events_event_id on raw.events using hash (event_id);
comment on table raw.events is 'One row per event, each once. One partition per day, made by the loader.';
comment on column raw.events.event_date is 'Calendar day of occurred_at in the site''s own timezone.';
comment on column raw.events.occurred_at is 'client_timestamp, corrected by the client clock''s error, never later than received_at.';
comment on column raw.events.flags is 'What was mended on the way in: clock_corrected, clock_clamped, sanitised, truncated.';

create table raw.user_agents (
    user_agent_id uuid primary key,
    user_agent text not null,
    browser text,
    browser_version text,
    os text,
    os_version text,
    device_type text collate "C",
    is_bot boolean not null,
    bot_reason text
);
comment on table raw.user_agents is 'One row per distinct user agent; user_agent_id is the MD5 of the text.';

create table raw.rejects (
    reject_id bigint generated always as identity primary key,
    file_id bigint not null,
    line_number integer not null,
    byte_offset bigint,
    site_id text collate "C",
    received_at timestamptz not null,
    rejected_at timestamptz not null default now(),
    reason text collate "C" not null,
    field text,
    payload text not null
);
comment on table raw.rejects is 'One row per line that could not become an event, with its reason code. The dead letters.';

-- Ledgers --------------------------------------------------------------------------------------

create table ops.landed_files (
    file_id bigint generated always as identity primary key,
    file_name text not null,
    checksum text collate "C" not null,
    byte_count bigint not null,
    line_count bigint not null,
    loaded_count bigint not null,
    duplicate_count bigint not null,
    rejected_count bigint not null,
    suppressed_count bigint not null default 0,
    state text not null check (state in ('loaded', 'refused')),
    reason text,
    first_received_at timestamptz,
    last_received_at timestamptz,
    loaded_at timestamptz not null default now(),
    check (state = 'refused' or line_count = loaded_count + duplicate_count + rejected_count + suppressed_count)
);
create unique index landed_files_checksum on ops.landed_files (checksum) where state = 'loaded';
create index landed_files_file_name on ops.landed_files (file_name);

create view ops.rejects as
select r.reject_id, r.site_id, r.received_at, r.rejected_at, r.reason, r.field, f.file_name, r.line_number
from raw.rejects r
left join ops.landed_files f using (file_id);
comment on view ops.rejects is 'One row per rejected line, for everybody to see: why and where, without its payload.';

create table ops.dirty_days (
    mark_id bigint generated always as identity primary key,
    event_date date not null,
    cause text not null,
    file_id bigint,
    marked_at timestamptz not null default now()
);
comment on table ops.dirty_days is 'One row per mark: this day must be built again. Publishing deletes exactly the marks it covered.';

create table ops.sealed_days (
    event_date date primary key,
    sealed_at timestamptz not null default now()
);
comment on table ops.sealed_days is 'Days whose raw events were pruned: no event may be added and no mart rebuilt.';

create table ops.candidates (
    candidate_id uuid primary key,
    first_date date not null,
    last_date date not null,
    mark_ids bigint[] not null,
    built_on_publication_id bigint,
    code_version text not null,
    state text not null check (state in ('building', 'built', 'published', 'abandoned')),
    started_at timestamptz not null default now(),
    built_at timestamptz
);

create table ops.audits (
    audit_id bigint generated always as identity primary key,
    candidate_id uuid not null references ops.candidates,
    fingerprint text not null,
    passed boolean not null,
    expectation_count integer not null,
    failed_count integer not null,
    audited_at timestamptz not null default now()
);
comment on column ops.audits.fingerprint is 'Content hash of every candidate table as it was when checked; publish refuses any other content.';

create table ops.check_results (
    check_result_id bigint generated always as identity primary key,
    audit_id bigint not null references ops.audits,
    mart text not null,
    expectation text not null,
    passed boolean not null,
    observed text,
    failing_rows jsonb,
    checked_at timestamptz not null default now()
);

create table ops.publications (
    publication_id bigint generated always as identity primary key,
    candidate_id uuid not null unique references ops.candidates,
    first_date date not null,
    last_date date not null,
    file_ids bigint[] not null,
    code_version text not null,
    published_at timestamptz not null default now()
);

create table ops.publication_marts (
    publication_id bigint not null references ops.publications,
    mart text not null,
    mart_date date,
    row_count bigint not null,
    content_hash text not null
);
comment on table ops.publication_marts is
    'What a mart holds since the publication on each day it touched; without a day: what came into a mart that has none.';
create index publication_marts_publication_id on ops.publication_marts (publication_id);

create table ops.retention_policies (
    policy text primary key,
    keep_days integer check (keep_days > 0),
    description text not null
);
comment on column ops.retention_policies.keep_days is 'Days to keep; null: for ever.';
insert into ops.retention_policies (policy, keep_days, description) values
    ('raw_events', 90, 'Raw events, by the day they occurred'),
    ('ip_addresses', 30, 'Addresses on raw events, set to null afterwards'),
    ('rejects', 30, 'Rejected events'),
    ('landed_files', 7, 'Landed files, from the day they were loaded'),
    ('anonymous_sessions', 90, 'Sessions, page visits and visitors of devices nobody signed in on'),
    ('signed_in_sessions', 365, 'Sessions, page visits and visitors of signed-in people'),
    ('daily_tables', null, 'Daily statistics'),
    ('dagster_history', 30, 'Runs and event logs of Dagster');

-- The slice under construction -----------------------------------------------------------------

create table audit.slice_days (
    site_id text collate "C" not null,
    event_date date not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    primary key (site_id, event_date)
);
comment on table audit.slice_days is 'The days being built, per site, with the instants at which the site''s own day starts and ends.';
