-- Options of the models that a site has for itself. Null: the variable of the project holds. The ranges are checked by
-- the command that sets them.
create table ops.site_options (
    site_id text collate "C" primary key references ops.sites on delete cascade,
    session_timeout_minutes integer,
    engaged_seconds integer,
    engaged_scroll_percent integer,
    engaged_clicks integer,
    engaged_time_cap_minutes integer,
    ga4_engaged_seconds integer,
    ga4_page_views integer,
    anonymous_min_page_views integer,
    own_subdomains boolean,
    key_events text [] collate "C",
    currency text collate "C",
    top_n integer,
    event_name_cap integer,
    page_path_cap integer,
    community_cap integer
);
comment on table ops.site_options is
    'One row per site with options of its own; null where the variable of dbt_project.yml holds. Set by footfall site set.';

comment on column ops.restatements.causes is
    'Why the day was built again: late_events; earlier_copy (of an event, on a neighbouring day); identity (a visitor''s
first visit or first user moved); order_moved (its first report did); bot_rule and device_rule (user agents are told
otherwise now); timezone and site_options (the site''s own were changed); erasure (of a person); rebuild; and
code_version where models or their thresholds had changed since.';
