-- Who speaks: a page in a browser, an app, or a server about a user. Keys in pages are public, so a key says whether it
-- may speak as a server.
alter table ops.site_keys
add column kind text collate "C" not null default 'browser' check (kind in ('browser', 'server'));
comment on column ops.site_keys.kind is
    'browser: public, in pages and apps. server: secret; may send context server, client_ip and client_user_agent.';

alter table raw.events add column context text collate "C" not null default 'browser';
comment on column raw.events.context is
    'browser, app or server: who says so. User agent and address are the person''s, and null where a server does not know.';

comment on column raw.events.flags is
    'What was changed on the way in: clock_corrected, clock_clamped, sanitised, truncated, scrubbed (secrets, e-mail
addresses, card numbers), no_id (a word for no id in place of one), private (a page view of a person who asked not to be
tracked); or is wrong and was left as it is: implausible (an amount or a duration that no model takes).';
