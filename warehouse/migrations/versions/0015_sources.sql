-- What reads addresses besides dbt (staging.stg_events) calls this.
create function raw.host_of(address text) returns text
language sql immutable strict parallel safe
return regexp_replace(
    rtrim(lower(substring(address from '^[A-Za-z][A-Za-z0-9+.-]*://(\[[^]/?#]*\]|[^/?#:]*)')), '.'), '^www\.', ''
);
comment on function raw.host_of is 'Host of an address, in small letters, without www and port; null without one.';

create table ops.public_suffixes (
    domain text primary key,
    is_suffix boolean not null,
    is_wildcard boolean not null,
    is_exception boolean not null,
    is_private boolean not null,
    list_version text not null
);
comment on table ops.public_suffixes is
'The public suffix list, one row per domain, from the library of its name; the models find registered domains with it.';
comment on column ops.public_suffixes.is_wildcard is 'Whether everything directly below the domain is a suffix.';
comment on column ops.public_suffixes.is_exception is 'Whether it is none, although a wildcard says so.';
comment on column ops.public_suffixes.is_private is
'Whether it belongs to a company that gives its subdomains away, and to no registry.';

-- What reads hosts besides dbt (macro host_tails) calls this.
create function raw.registered_domain(host text) returns text
language sql stable strict parallel safe
begin atomic
    with labels as (
        select regexp_split_to_array(host, '\.') as parts
        where host !~ '^[0-9.]+$' and host not like '[%'
    ),

    tails as (
        select
            position,
            array_to_string(parts[position:], '.') as tail
        from labels
        cross join lateral generate_subscripts(parts, 1) as position
    ),

    suffixes as (
        select tails.position
        from tails
        left join ops.public_suffixes as listed on tails.tail = listed.domain
        left join ops.public_suffixes as above
            on substring(tails.tail from '\.(.*)') = above.domain and above.is_wildcard
        where
            listed.is_suffix
            or (above.domain is not null and not coalesce(listed.is_exception, false))
            or tails.tail not like '%.%'
    )

    select coalesce(
        (select tails.tail from tails where tails.position = (select min(suffixes.position) from suffixes) - 1), host
    );
end;
comment on function raw.registered_domain is
'The domain that a host was registered with, by the public suffix list; what has none stands for itself.';

create table ops.own_sources (
    host text primary key check (host = lower(host) and host <> ''),
    source text,
    category text not null check (
        category in ('ai_assistant', 'search', 'shopping', 'social', 'video', 'referral', 'go_between')
    )
);
comment on table ops.own_sources is
'What the owner adds to the lists of sources, or corrects in them. See docs/sources.md.';
comment on column ops.own_sources.host is
'A host without www, with all its subdomains (of a search engine: it alone); shop.* is any country''s. Or a utm_source.';
comment on column ops.own_sources.source is 'Name of the source; null: the host.';
comment on column ops.own_sources.category is
'referral: none of the others. go_between: a payment or sign-in host, which is never a source.';

-- GA4's names, in days whose raw events are gone as in all others.
do $$
declare named record;
begin
    for named in
        select attrelid::regclass as mart, attname as channel, replace(attname, 'channel', 'medium') as medium
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'marts'::regnamespace and relkind = 'r' and attname in ('channel', 'first_channel')
    loop
        execute format(
            'update %1$s set %2$I = ''AI Assistant'','
            ' %3$I = case when %3$I = ''referral'' then ''ai-assistant'' else %3$I end where %2$I = ''AI Assistants''',
            named.mart, named.channel, named.medium
        );
    end loop;
end
$$;
