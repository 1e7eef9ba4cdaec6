create table ops.declared_properties (
    site_id text collate "C" not null references ops.sites on delete cascade,
    event_name text collate "C" not null,
    property text collate "C" not null,
    type text collate "C" not null check (type in ('text', 'number', 'boolean', 'date', 'timestamp')),
    description text not null default '',
    declared_at timestamptz not null default clock_timestamp(),
    primary key (site_id, event_name, property)
);
comment on table ops.declared_properties is
    'One row per site, event and property that mart event_properties holds. Set by footfall property add.';
comment on column ops.declared_properties.type is
    'Type of its column in the view of the event, the same on all sites.';
