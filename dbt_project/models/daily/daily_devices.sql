-- One row per site, day, device type, browser and operating system that people used.

with

sessions as (

    select * from {{ ref('int_merged_sessions') }}

),

keys_made as (

    select
        site_id,
        event_date,
        {{ key_text('device_type', '(unknown)') }} as device_type,
        {{ key_text('browser', '(unknown)') }} as browser,
        {{ key_text('os', '(unknown)') }} as os,
        visitor_id
    from sessions

),

devices_summed as (

    select
        site_id,
        event_date,
        device_type,
        browser,
        os,
        cast(count(*) as integer) as session_count,
        cast(count(distinct visitor_id) as integer) as visitor_count
    from keys_made
    group by site_id, event_date, device_type, browser, os

)

select * from devices_summed
