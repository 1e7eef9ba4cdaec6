-- One row per conversion on the days in scope, as they will be once the candidates are published.
{{ config(materialized='view') }}

with

candidates as (

    select * from {{ ref('conversions') }}

),

staying as (

    select published_conversions.*
    from {{ source('published', 'conversions') }} as published_conversions
    inner join {{ ref('scope_days') }} as scope_days
        on
            published_conversions.site_id = scope_days.site_id
            and published_conversions.conversion_date = scope_days.stat_date
    left join {{ ref('scope_visitors') }} as scope_visitors
        on
            published_conversions.site_id = scope_visitors.site_id
            and published_conversions.visitor_id = scope_visitors.visitor_id
    where scope_visitors.visitor_id is null

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
