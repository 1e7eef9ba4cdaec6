-- One row per site, day, dimension and value: a sketch of the visitors whose sessions had the value.
{{ config(sql_header=hash_joins_only()) }}
{% set dimensions = {'channel': '(none)', 'device_type': '(unknown)', 'country_code': '(unknown)'} %}

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

visitor_hashes as (

    select * from {{ source('raw', 'visitor_hashes') }}
    where last_day >= (select min(replaced_days.event_date) from {{ ref('replaced_days') }} as replaced_days)

),

sessions_hashed as (

    select
        sessions.site_id,
        sessions.event_date,
        {% for dimension, missing in dimensions.items() -%}
            {{ key_text('sessions.' ~ dimension, missing) }} as {{ dimension }},
        {% endfor -%}
        visitor_hashes.visitor_hash
    from sessions
    inner join visitor_hashes
        on sessions.site_id = visitor_hashes.site_id and sessions.visitor_id = visitor_hashes.visitor_id

),

hashes_seen as (

    select
        site_id,
        event_date,
        'all' as dimension,
        '(all)' as value,
        cast(null as bigint) as threshold,
        visitor_hash
    from sessions_hashed
    {% for dimension in dimensions -%}
        union all
        select
            site_id,
            event_date,
            '{{ dimension }}' as dimension,
            {{ dimension }} as value,
            cast(null as bigint) as threshold,
            visitor_hash
        from sessions_hashed
    {% endfor %}
),

sketches_made as (

    {{ sketches_of('hashes_seen', ['site_id', 'event_date', 'dimension', 'value']) | indent(4) }}

)

select * from sketches_made
