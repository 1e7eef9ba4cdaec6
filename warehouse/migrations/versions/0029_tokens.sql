-- Roles belong to the server: see 0008_roles.sql. No one logs in as footfall_token, the group of the tokens' own roles.
do $$
declare
    role text;
begin
    foreach role in array array['footfall_serving', 'footfall_token']
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

alter table ops.retention_runs add column ended_at timestamptz;
comment on column ops.retention_runs.ended_at is 'When the last run of the day had pruned all that was due; null: none has.';

create table ops.tokens (
    token_id text collate "C" primary key,
    name text not null,
    token_hash text collate "C" not null,
    sees_all_sites boolean not null,
    origins text[] not null default '{}',
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
);
create unique index tokens_name on ops.tokens (name) where revoked_at is null;
comment on table ops.tokens is
'One row per token that reads over HTTP. Its role on the server is footfall_token_ and its id.';
comment on column ops.tokens.token_hash is 'SHA-256 of its secret part.';
comment on column ops.tokens.origins is 'Pages of these origins may read its answers; none: no page may.';
comment on column ops.tokens.expires_at is 'Null: it does not expire.';

create table ops.token_rights (
    token_id text collate "C" not null references ops.tokens,
    site_id text collate "C" not null references ops.sites,
    user_id text,
    primary key (token_id, site_id)
);
create index token_rights_site_user on ops.token_rights (site_id, user_id);
comment on table ops.token_rights is
'One row per token and site that it may see. A token of all sites has none, nor has one that was revoked.';
comment on column ops.token_rights.user_id is 'Only rows of this user; null: all rows of the site.';

create table ops.token_uses (
    token_id text collate "C" primary key references ops.tokens,
    last_used_at timestamptz not null
);
comment on table ops.token_uses is 'One row per token that was used: the last time, to the minute.';

-- What policies and views ask. The name of the session's login is no setting: no reader can change it, with `set role`,
-- `set session authorization` or `set_config`. A token that is revoked or expired sees nothing in open sessions either.

create function ops.token_of_session() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select t.token_id
    from ops.tokens as t
    where
        'footfall_token_' || t.token_id = session_user
        and t.revoked_at is null
        and (t.expires_at is null or t.expires_at > statement_timestamp())
$$;
comment on function ops.token_of_session is 'The id of the valid token of this session; or null.';

create function ops.sites_of_token() returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select array(
        select s.site_id
        from ops.tokens as t
        inner join ops.sites as s
            on t.sees_all_sites or s.site_id in (
                select r.site_id from ops.token_rights as r
                where r.token_id = t.token_id and r.user_id is null
            )
        where t.token_id = (select ops.token_of_session())
        order by 1
    )
$$;
comment on function ops.sites_of_token is 'The sites of which the token of this session sees all rows.';

create function ops.own_site_of_token() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select r.site_id
    from ops.token_rights as r
    where r.token_id = (select ops.token_of_session()) and r.user_id is not null
$$;
comment on function ops.own_site_of_token is 'The site of which the token of this session sees one user''s rows; or null.';

create function ops.own_user_of_token() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select r.user_id
    from ops.token_rights as r
    where r.token_id = (select ops.token_of_session()) and r.user_id is not null
$$;
comment on function ops.own_user_of_token is 'The user whose rows alone the token of this session sees; or null.';

create function ops.published_for_token(site text)
returns table (publication_id bigint, published_at timestamptz, version text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        p.publication_id,
        p.published_at,
        concat_ws(
            ' ', p.publication_id, p.published_at, current_date,
            (select max(coalesce(r.ended_at, r.ran_at)) from ops.retention_runs as r),
            (select count(*) || ' ' || max(r.done_at) from ops.privacy_requests as r),
            -- While someone is being erased, no answer is the same as before.
            (
                select max(clock_timestamp()) from ops.privacy_requests as r
                where r.action = 'erase' and r.state = 'open'
            ),
            ops.own_user_of_token()
        )
    from (select) as one
    left join lateral (
        select * from ops.publications order by publication_id desc limit 1
    ) as p on true
    where site = any(ops.sites_of_token()) or site = ops.own_site_of_token()
$$;
comment on function ops.published_for_token is
'What is published, and what else answers depend on beside it; no row for a site that the token of this session does
not see.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'token_of_session()', 'sites_of_token()', 'own_site_of_token()', 'own_user_of_token()',
        'published_for_token(text)'
    ]
    loop
        execute format('alter function ops.%s owner to footfall_owner', name);
        execute format('revoke execute on function ops.%s from public', name);
        execute format('grant execute on function ops.%s to footfall_token', name);
    end loop;
end
$$;
-- The views of live ask it for each of their readers.
grant execute on function ops.sites_of_token() to footfall_analyst, footfall_site_analyst;
grant execute on function ops.site_of(name) to footfall_token;
