create schema today_build;
comment on schema today_build is 'Where dbt builds the open day: the same models as in staging, intermediate and audit.';
create schema today;
comment on schema today is
'Rows of the open day, ungated, and keys of the published rows that they replace. Read schema with_today instead.';
create schema with_today;
comment on schema with_today is 'The marts with the open day: ungated, and never final.';

create table today_build.slice_days (like audit.slice_days including all);
comment on table today_build.slice_days is
'The days being built, per site, with the instants at which the site''s own day starts and ends.';

create table ops.today (
    is_only boolean primary key default true check (is_only),
    build_number bigint not null,
    publication_id bigint,
    newest_mark bigint,
    code_version text,
    as_of timestamptz
);
comment on table ops.today is 'At most one row: what is in schema today.';
comment on column ops.today.build_number is
'Number of the newest build. What removes rows for good raises it, so that a build under way is not taken.';
comment on column ops.today.publication_id is 'The newest publication when the build of what is there began; null: nothing was published.';
comment on column ops.today.newest_mark is 'The newest mark in ops.dirty_days at that moment.';
comment on column ops.today.as_of is 'Events loaded before this moment are in schema today; null: it is empty.';

create function ops.today_as_of() returns timestamptz
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select t.as_of
    from ops.today as t
    where t.publication_id is not distinct from (select max(p.publication_id) from ops.publications as p)
$$;
comment on function ops.today_as_of is
'Events loaded before this moment are in the views of with_today; null: these show no more than marts. A publication
may hold what was built before it, so that it ends it.';

alter function ops.today_as_of() owner to footfall_owner;
revoke execute on function ops.today_as_of() from public;
grant execute on function ops.today_as_of()
to footfall_transformer, footfall_publisher, footfall_analyst, footfall_site_analyst, footfall_token;
