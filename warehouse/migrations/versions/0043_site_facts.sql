-- What readers may know of a site beside its name: its clock, its currency, and until when its figures are published.
create function ops.site_facts_seen()
returns table (site_id text, timezone text, currency text, fresh_until timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        s.site_id,
        s.timezone,
        o.currency,
        max(least((p.last_day + 1)::timestamp at time zone s.timezone, p.published_at))
    from ops.sites_seen() as s
    left join ops.site_options as o on s.site_id = o.site_id
    left join ops.publications_seen() as p on s.site_id = p.site_id and ops.knows_zone(s.timezone)
    group by s.site_id, s.timezone, o.currency
$$;
comment on function ops.site_facts_seen is
'Of the sites that this session''s login sees: timezone, currency, and until when events are in its published figures.';

alter function ops.site_facts_seen owner to footfall_owner;
revoke execute on function ops.site_facts_seen from public;
grant execute on function ops.site_facts_seen to footfall_analyst, footfall_site_analyst, footfall_token;
