-- One row per site, day, event, declared property and value, of the most frequent values.

with

event_properties as (

    select * from {{ ref('int_merged_event_properties') }}

),

site_options as (

    select * from {{ ref('stg_site_options') }}

),

values_counted as (

    select
        site_id,
        event_date,
        event_name,
        property,
        {{ key_text('value', '(empty)', most=200) }} as value,
        cast(count(*) as bigint) as event_count,
        cast(count(distinct session_id) as integer) as session_count,
        cast(count(distinct visitor_id) as integer) as visitor_count
    from event_properties
    group by site_id, event_date, event_name, property, {{ key_text('value', '(empty)', most=200) }}

),

values_ranked as (

    select
        *,
        row_number() over (
            partition by site_id, event_date, event_name, property order by event_count desc, value asc
        ) as popularity
    from values_counted

),

top_values as (

    select
        values_ranked.site_id,
        values_ranked.event_date,
        values_ranked.event_name,
        values_ranked.property,
        values_ranked.value,
        values_ranked.event_count,
        values_ranked.session_count,
        values_ranked.visitor_count
    from values_ranked
    left join site_options on values_ranked.site_id = site_options.site_id
    where values_ranked.popularity <= site_options.top_n

)

select * from top_values
