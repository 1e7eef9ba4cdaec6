-- What a client says of the page view that an event is of. Old rows know none of it.
alter table raw.events
add column if not exists is_counted boolean,
add column if not exists page_view_id text collate "C",
add column if not exists page_host text collate "C",
add column if not exists language text collate "C";
comment on column raw.events.is_counted is
'True where the client counted the sequence itself; null where it is the position in its batch or file, or not known.';
comment on column raw.events.page_view_id is 'The client''s own id of the page view that the event is of.';
comment on column raw.events.page_host is 'The host of the page as the client says; null where page_url names one.';
comment on column raw.events.language is 'The language of the reader, a tag of BCP 47.';

alter table ops.site_options add column path_query_keys text [] collate "C";

create function raw.query_of_keys(query text, keys text []) returns text
language sql immutable parallel safe
return (
    select string_agg(pair, '&' order by array_position(keys, split_part(pair, '=', 1)), position)
    from unnest(string_to_array(query, '&')) with ordinality as pairs (pair, position)
    where split_part(pair, '=', 1) = any(keys)
);
comment on function raw.query_of_keys is 'The part of a query that has these keys, in their order; null where there is none.';
