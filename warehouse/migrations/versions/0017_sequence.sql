-- The order of events that share an instant: the client's own count.
alter table raw.events add column if not exists sequence bigint;
comment on column raw.events.sequence is
    'The client''s own count per device, or the position in what was imported; null where neither is known.';
