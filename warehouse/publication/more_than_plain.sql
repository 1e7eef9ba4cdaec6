-- Relations that are more than a plain table of the owner's or of who reads it, and why.
with

judged as (

    select
        wanted.relation,
        case
            when c.oid is null then 'is not there'
            when c.relkind <> 'r' or c.relispartition then 'is no plain table'
            when pg_get_userbyid(c.relowner) not in (:owner, current_user)
                then 'belongs to ' || pg_get_userbyid(c.relowner)
            when c.relhasrules then 'has a rule'
            when c.relhastriggers then 'has a trigger'
            when c.relrowsecurity or c.oid in (select p.polrelid from pg_policy as p) then 'has a policy'
            when c.relhassubclass or c.oid in (select i.inhrelid from pg_inherits as i)
                then 'shares its rows with another table'
            when methods.amname <> 'heap' then 'is stored by a method of its own'
            when odd_columns.name is not null then 'has a column that is more than data, ' || odd_columns.name
        end as why
    from unnest(cast(:relations as text[])) as wanted (relation)
    left join pg_class as c on c.oid = to_regclass(wanted.relation)
    left join pg_am as methods on c.relam = methods.oid
    left join lateral (
        -- A type of its own may have a cast of its own.
        select min(a.attname) as name
        from pg_attribute as a
        inner join pg_type as t on a.atttypid = t.oid
        where
            a.attrelid = c.oid
            and a.attnum > 0
            and not a.attisdropped
            and (t.typnamespace <> cast('pg_catalog' as regnamespace) or a.attgenerated <> '')
    ) as odd_columns on true

)

select
    relation,
    why
from judged
where why is not null
order by relation
