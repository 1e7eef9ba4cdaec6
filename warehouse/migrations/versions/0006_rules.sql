-- By which rules a user agent was parsed: where they change, so may published days.
alter table raw.user_agents add column rules_version text collate "C" not null default '';
comment on column raw.user_agents.rules_version is 'The rules that parsed it; others parse it again before the next build.';

comment on column ops.restatements.causes is
    'Why the day was built again: late_events; earlier_copy (of an event, on a neighbouring day); identity (a visitor''s
first visit or first user moved); order_moved (its first report did); bot_rule and device_rule (user agents are told
otherwise now); rebuild; and code_version where models or their thresholds had changed since.';
