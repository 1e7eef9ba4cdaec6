-- One row per user whose days the candidates change: with a candidate day, or with one that is replaced.

with

replaced as (

    select
        published_days.site_id,
        published_days.user_id
    from {{ source('published', 'customer_days') }} as published_days
    inner join {{ ref('replaced_days') }} as replaced_days
        on
            published_days.site_id = replaced_days.site_id
            and published_days.event_date = replaced_days.event_date

)

select
    site_id,
    user_id
from {{ ref('customer_days') }}
union
select
    site_id,
    user_id
from replaced
