-- One row per conversion on the days in scope, as they will be once the candidates are published.
{{ config(materialized='view') }}

with

candidates as (

    select * from {{ ref('conversions') }}

),

staying as (

    select published_conversions.*
    from {{ source('published', 'conversions') }} as published_conversions
    inner join {{ ref('replaced_days') }} as replaced_days
        on
            published_conversions.site_id = replaced_days.site_id
            and published_conversions.event_date = replaced_days.event_date
    left join {{ ref('replaced_visitors') }} as replaced_visitors
        on
            published_conversions.site_id = replaced_visitors.site_id
            and published_conversions.visitor_id = replaced_visitors.visitor_id
    where replaced_visitors.visitor_id is null

)

select
    site_id,
    session_id
from candidates
union all
select
    site_id,
    session_id
from staying
