-- The server that reckons with a zone is asked whether it knows it. Its list of names is slow and leaves some out.
create function ops.knows_zone(zone text) returns boolean
language plpgsql stable strict parallel restricted
as $$
begin
    perform now() at time zone zone;
    return true;
exception
    when invalid_parameter_value then return false;
end
$$;
comment on function ops.knows_zone is 'Whether this server can reckon with the timezone.';

create table ops.redated_sites (
    site_id text collate "C" primary key references ops.sites on delete cascade,
    since timestamptz not null default now()
);
comment on table ops.redated_sites is
    'One row per site whose raw events are being moved to the days of its new timezone. Nothing is built meanwhile.';

create table ops.unbuilt_days (
    site_id text collate "C" not null references ops.sites on delete cascade,
    event_date date not null,
    primary key (site_id, event_date)
);
comment on table ops.unbuilt_days is
    'One row per site and day that was built without the site, whose timezone was unknown then.';
