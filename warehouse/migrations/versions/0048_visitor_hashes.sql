create table raw.visitor_hashes (
    site_id text collate "C" not null,
    visitor_id text collate "C" not null,
    visitor_hash bigint not null check (visitor_hash >= 0),
    last_day date not null,
    primary key (site_id, visitor_id)
);
comment on table raw.visitor_hashes is
'One row per visitor whose events were loaded, with the keyed hash that stands for the visitor in sketches.';
comment on column raw.visitor_hashes.visitor_id is 'The device, or `user:` and the user where no device is known.';
comment on column raw.visitor_hashes.visitor_hash is
'63 bits of BLAKE2b of site and visitor, keyed with secrets/visitor_key of the home.';
comment on column raw.visitor_hashes.last_day is 'The newest day of an event of the visitor: the row goes with that day.';

create table ops.visitor_key (
    fingerprint text collate "C" not null,
    is_only boolean primary key default true check (is_only)
);
comment on table ops.visitor_key is
'One row: what the key of visitors'' hashes is known by. Hashes of another key count the same visitor twice.';
