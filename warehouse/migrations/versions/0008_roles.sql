-- Roles belong to the server: another database of it may have made them, or be making them now. None can log in before
-- it has a password. An administrator who is no superuser takes part in all of them, to hand over what it makes.
do $$
declare
    role text;
begin
    foreach role in array array[
        'footfall_owner', 'footfall_loader', 'footfall_transformer', 'footfall_checker', 'footfall_publisher',
        'footfall_retention', 'footfall_eraser', 'footfall_analyst', 'footfall_site_analyst'
    ]
    loop
        begin
            execute format('create role %I', role);
        exception
            when duplicate_object or unique_violation then null;
        end;
        if not (select rolsuper from pg_roles where rolname = current_user) then
            execute format('grant %I to current_user with inherit true, set true', role);
        end if;
    end loop;
end
$$;

-- An owner must be allowed to make what it is to own.
grant usage, create on schema ops to footfall_owner;
grant usage, create on schema raw to footfall_retention;

-- Until now the analyst read whatever was made in these schemas.
alter default privileges in schema marts revoke select on tables from footfall_analyst;
alter default privileges in schema live revoke select on tables from footfall_analyst;
alter default privileges in schema ops revoke select on tables from footfall_analyst;

-- Analysts of one site -------------------------------------------------------------------------

create table ops.site_analysts (
    role_name name primary key,
    site_id text collate "C" not null unique references ops.sites
);
comment on table ops.site_analysts is 'One row per role that sees the rows of one site only.';

create function ops.site_of(reader name) returns text
language sql stable strict security definer
set search_path = pg_catalog, pg_temp
as 'select site_id from ops.site_analysts where role_name = reader';
comment on function ops.site_of is 'The site whose rows a role may see; null for roles that are no site''s.';
alter function ops.site_of owner to footfall_owner;
revoke execute on function ops.site_of from public;
grant execute on function ops.site_of to footfall_analyst, footfall_site_analyst;

-- Partitions: retention owns them, because only an owner may detach them; the loader asks for them. --

create function raw.make_partition(day date) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    partition text := 'events_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('raw.' || partition) is null then
        execute format('create table raw.%I (like raw.events including all)', partition);
        execute format(
            'alter table raw.events attach partition raw.%I for values from (%L) to (%L)', partition, day, day + 1
        );
    end if;
end
$$;
comment on function raw.make_partition is 'Make the partition of a day if it is missing.';
alter function raw.make_partition owner to footfall_retention;
revoke execute on function raw.make_partition from public;
grant execute on function raw.make_partition to footfall_loader;

create function raw.tell_planner(days date[]) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    partition text;
begin
    for partition in
        select 'events_' || to_char(day, 'YYYYMMDD') as name
        from unnest(days) as day
        where 'events_' || to_char(day, 'YYYYMMDD') not in (
            select tablename from pg_stats where schemaname = 'raw' and attname = 'event_id'
        )
        order by name
    loop
        execute format('analyze raw.%I (site_id, event_id)', partition);
    end loop;
end
$$;
comment on function raw.tell_planner is 'Tell the planner of the ids in partitions that it knows nothing of.';
alter function raw.tell_planner owner to footfall_retention;
revoke execute on function raw.tell_planner from public;
grant execute on function raw.tell_planner to footfall_loader;

-- What readers see through it is what they themselves may see. Those in schema live are made anew at each start.
alter view if exists marts.sessions_current_user set (security_invoker = true);
