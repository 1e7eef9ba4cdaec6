alter table ops.tokens
add column requests_per_minute integer check (requests_per_minute > 0),
add column most_at_once integer check (most_at_once > 0),
add column most_rows integer check (most_rows > 0);
comment on column ops.tokens.requests_per_minute is
'Requests that it may send a minute; null: as many as the setting serving_rate_per_token says.';
comment on column ops.tokens.most_at_once is 'Requests of it that are answered at once; null: 4.';
comment on column ops.tokens.most_rows is 'Rows in a list of one answer, or in an export; null: any number.';

create function ops.state_of_answers() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        case when not exists (select from ops.privacy_requests as r where r.action = 'erase' and r.state = 'open')
            then
                concat_ws(
                    ' ',
                    (select p.publication_id || ' ' || p.published_at
                    from ops.publications as p order by p.publication_id desc limit 1),
                    current_date,
                    (select max(coalesce(r.ended_at, r.ran_at)) from ops.retention_runs as r),
                    (select count(*) || ' ' || max(r.done_at) from ops.privacy_requests as r)
                )
        end
$$;
comment on function ops.state_of_answers is
'What answers depend on beside who asks and what is asked; null: a person is being erased, and no answer is good.';

create or replace function ops.published_for_token(site text)
returns table (publication_id bigint, published_at timestamptz, version text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        p.publication_id,
        p.published_at,
        -- While a person is being erased, no answer is the same as before.
        concat_ws(' ', coalesce(ops.state_of_answers(), clock_timestamp()::text), ops.own_user_of_token())
    from (select) as one
    left join lateral (
        select * from ops.publications order by publication_id desc limit 1
    ) as p on true
    where site = any(ops.sites_of_token()) or site = ops.own_site_of_token()
$$;

create function ops.report_change_of_answers() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    notify footfall_answers;
    return null;
end
$$;
comment on function ops.report_change_of_answers is
'Notifies footfall_answers at the commit: what was answered before may no longer be right.';

do $$
declare
    name text;
begin
    foreach name in array array['state_of_answers', 'report_change_of_answers']
    loop
        execute format('alter function ops.%I() owner to footfall_owner', name);
        execute format('revoke execute on function ops.%I() from public', name);
    end loop;
    foreach name in array array[
        'publications', 'retention_runs', 'privacy_requests', 'tokens', 'token_rights', 'sites'
    ]
    loop
        execute format(
            'create trigger answers_change after insert or update or delete or truncate on ops.%I'
            ' for each statement execute function ops.report_change_of_answers()',
            name
        );
    end loop;
end
$$;
grant execute on function ops.state_of_answers() to footfall_serving;
