create table ops.goals (
    site_id text collate "C" not null references ops.sites on delete cascade,
    goal text collate "C" not null,
    step text collate "C" not null check (step ~ '^(event:|/)'),
    property text collate "C",
    property_value text collate "C",
    value_property text collate "C",
    added_at timestamptz not null default clock_timestamp(),
    primary key (site_id, goal),
    check ((property is null) = (property_value is null))
);
comment on table ops.goals is
    'One row per goal of a site, which mart daily_goals counts. Set by footfall goal add.';
comment on column ops.goals.step is
    'What reaches it: event: and the name of an event, or the path of a page that is viewed, * for any text in it.';
comment on column ops.goals.property is
    'Property of the event that must be property_value, as text; null: none must.';
comment on column ops.goals.value_property is
    'Property of the event that says what it is worth; null: it is only counted.';
