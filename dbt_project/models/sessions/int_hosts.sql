-- One row per origin that an address of the slice has, with its host; null where it has none. Origins are
-- few: to read the host out of every event's addresses would take seconds for a million.
{{ config(sql_header=hash_joins_only()) }}
{% set host -%}
trim(trailing '.' from case
            when authority like '[%' then split_part(authority, ']', 1) || ']'
            else split_part(authority, ':', 1)
        end)
{%- endset %}

with

origins_seen as (

    -- Without a CTE for the events: one that is read twice would be written out with all its columns.
    select distinct page_origin as origin from {{ ref('int_slice_events') }}
    union
    select distinct referrer_origin from {{ ref('int_slice_events') }}

),

locations_cut as (

    -- A query may follow a host at once.
    select
        origin,
        split_part(split_part(origin, '#', 1), '?', 1) as location
    from origins_seen

),

authorities_read as (

    select
        origin,
        case when location like '%://%' then split_part(location, '/', 3) end as authority
    from locations_cut

),

ports_cut as (

    -- An IPv6 address has colons of its own.
    select
        origin,
        {{ lower_case(host) }} as full_host
    from authorities_read

),

hosts_named as (

    select
        origin,
        nullif(case when full_host like 'www.%' then substring(full_host, 5) else full_host end, '') as host
    from ports_cut

)

select * from hosts_named
