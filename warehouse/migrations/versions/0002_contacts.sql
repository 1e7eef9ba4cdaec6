-- Contacts: e-mail addresses, phone numbers and names that people left. They live in raw.events and here, no longer
-- than their policy allows; everything else knows them by a keyed hash.
alter table raw.events add column contact_hash text collate "C";
comment on column raw.events.contact_hash is 'HMAC-SHA-256 of the e-mail address or else the phone number that the event left; null without one.';

create table ops.contact_vault (
    site_id text collate "C" not null,
    event_id text collate "C" not null,
    event_date date not null,
    occurred_at timestamptz not null,
    event_name text collate "C" not null,
    user_id text collate "C",
    anonymous_id text collate "C",
    email text,
    phone text,
    name text,
    traits jsonb not null default '{}',
    contact_hash text collate "C",
    file_id bigint not null,
    line_number integer not null,
    -- As raw.events knows its rows: an id used again days later is another event.
    primary key (file_id, line_number)
);
create index contact_vault_event_id on ops.contact_vault (site_id, event_id);
create index contact_vault_contact_hash on ops.contact_vault (site_id, contact_hash);
comment on table ops.contact_vault is 'One row per event that left a contact: payment_failed and user_identified. The only place beside raw.';
comment on column ops.contact_vault.traits is 'Whatever else user_identified told of the person.';

insert into ops.retention_policies (policy, keep_days, description) values
    ('contacts', 30, 'Contacts of failed payments and identified users, by the day they were left');
update ops.retention_policies
set description = 'Addresses on raw events, and masked ones on sessions, set to null afterwards'
where policy = 'ip_addresses';
