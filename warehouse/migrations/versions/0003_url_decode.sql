-- PostgreSQL has no such function of its own; the dbt macro `url_decoded` calls it.
create function staging.url_decode(encoded text) returns text
language plpgsql immutable strict parallel restricted
as $$
begin
    return convert_from(
        decode(
            (
                select string_agg(
                    case
                        when found.part[1] ~ '^%[0-9A-Fa-f]{2}$' then substr(found.part[1], 2)
                        else encode(convert_to(found.part[1], 'UTF8'), 'hex')
                    end,
                    '' order by found.position
                )
                from regexp_matches(replace(encoded, '+', ' '), '%[0-9A-Fa-f]{2}|.', 'g')
                    with ordinality as found (part, position)
            ),
            'hex'
        ),
        'UTF8'
    );
exception
    when character_not_in_repertoire then return encoded;
end
$$;
comment on function staging.url_decode is
    'A part of a query string as it was meant: %20 and + are spaces, %C3%BC is ü. What is no UTF-8 stays as it is.';
