-- A site may be measured without an id in the browser: the collector then derives devices, anew each day.
alter table ops.sites
add column identity text collate "C" not null default 'device' check (identity in ('device', 'cookieless'));
comment on column ops.sites.identity is
    'device: a device has the id that its client keeps. cookieless: it has one that the collector derives at receipt from
address, user agent and a key of the site''s day that is destroyed afterwards, and is a new device each day.';
