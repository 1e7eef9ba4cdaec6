-- Roles belong to the server: see 0008_roles.sql. No one logs in as footfall_contacts. It is granted to readers, beside
-- what makes them readers.
do $$
begin
    begin
        create role footfall_contacts;
    exception
        when duplicate_object or unique_violation then null;
    end;
    if not (select rolsuper from pg_roles where rolname = current_user) then
        grant footfall_contacts to current_user with inherit true, set true;
    end if;
end
$$;

alter table ops.tokens add column reads_contacts boolean not null default false;
comment on column ops.tokens.reads_contacts is 'Whether it reads contacts: then its role is in footfall_contacts.';

create function ops.sites_of_contacts() returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select array(
        select s.site_id
        from ops.sites as s
        where
            pg_has_role(session_user, 'footfall_analyst', 'usage')
            or s.site_id = ops.site_of(session_user)
            or s.site_id = any(ops.sites_of_token())
        order by 1
    )
$$;
comment on function ops.sites_of_contacts is
'The sites of which the login of this session sees all rows. Views of contacts ask it; who reads them, grants decide.';
alter function ops.sites_of_contacts owner to footfall_owner;
revoke execute on function ops.sites_of_contacts from public;
grant execute on function ops.sites_of_contacts to footfall_contacts;
grant execute on function ops.own_site_of_token to footfall_contacts;
grant execute on function ops.own_user_of_token to footfall_contacts;

-- What a user, or a device without a user, left last. Erasures find a person by these as well.
create index contact_vault_user on ops.contact_vault (site_id, user_id, occurred_at) where user_id is not null;
create index contact_vault_device on ops.contact_vault (site_id, anonymous_id, occurred_at);

-- One policy was for both. What an installation had set it to holds for each.
update ops.retention_policies
set policy = 'payment_contacts', description = 'Contacts of failed payments, by the day they were left'
where policy = 'contacts';
insert into ops.retention_policies (policy, kind, keep_days, least_days, description)
select
    'profile_contacts' as policy,
    kind,
    keep_days,
    least_days,
    'Contacts of identified users and devices, by the day they were left' as description
from ops.retention_policies
where policy = 'payment_contacts';
