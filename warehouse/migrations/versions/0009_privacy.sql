-- Whom events are kept out of, known by a keyed hash only.
create table ops.suppressions (
    suppression_id bigint generated always as identity primary key,
    site_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('user', 'device')),
    subject_hash text collate "C" not null,
    from_at timestamptz,
    until_at timestamptz,
    person_hash text collate "C" not null,
    lifted_at timestamptz,
    changed_at timestamptz not null,
    unique nulls not distinct (site_id, kind, subject_hash, from_at, until_at)
);
comment on table ops.suppressions is
    'One row per erased user, and per device or stretch of time on one: events of theirs are dropped by every load.';
comment on column ops.suppressions.subject_hash is 'HMAC-SHA-256 of site, kind and id.';
comment on column ops.suppressions.from_at is
    'Events without a user from then on; null: from ever. Set where others used the device, too.';
comment on column ops.suppressions.until_at is 'Events without a user until then; null: for ever.';
comment on column ops.suppressions.person_hash is 'The subject_hash of the user whose device it was, or its own.';
comment on column ops.suppressions.lifted_at is 'Events from then on are taken again; null: none are.';

-- Every export and erasure that was asked for. Who it is about is in raw, which no reader sees, until it is done.
create table ops.privacy_requests (
    request_id bigint generated always as identity primary key,
    site_id text collate "C" not null,
    action text collate "C" not null check (action in ('export', 'erase', 'readmit')),
    kind text collate "C" not null check (kind in ('user', 'device')),
    subject_hash text collate "C" not null,
    state text collate "C" not null default 'open' check (state in ('open', 'done', 'refused', 'incomplete')),
    requested_by text not null,
    requested_at timestamptz not null default now(),
    done_at timestamptz,
    receipt jsonb
);
comment on table ops.privacy_requests is 'One row per request to export, erase or readmit a person, with its receipt.';
comment on column ops.privacy_requests.state is
    'open; done; refused (the receipt says why); incomplete: done but for what the receipt names.';
comment on column ops.privacy_requests.receipt is 'Counts by place, days built again, what is left to do. No ids.';

create table raw.privacy_subjects (
    request_id bigint primary key references ops.privacy_requests,
    subject text not null,
    most_devices integer not null,
    known jsonb
);
comment on table raw.privacy_subjects is 'Whom an open request is about. The row goes when the request is done.';
comment on column raw.privacy_subjects.known is 'User and devices as found before anything was erased.';

-- A loaded file from which an erased person's lines were taken is known by its new content, too.
create table ops.rewritten_files (
    checksum text collate "C" primary key,
    file_name text not null,
    rewritten_at timestamptz not null default now()
);
comment on table ops.rewritten_files is 'One row per content that a loaded file was given by an erasure.';

comment on column ops.restatements.causes is
    'Why the day was built again: late_events; earlier_copy (of an event, on a neighbouring day); identity (a visitor''s
first visit or first user moved); order_moved (its first report did); bot_rule and device_rule (user agents are told
otherwise now); erasure (of a person); rebuild; and code_version where models or their thresholds had changed since.';

-- What a build left behind holds people, too: who erases them may drop it, as the transformer whose it is.
grant footfall_transformer to footfall_eraser with inherit false, set true;
