{#
    The checkouts or orders whose history the candidates change: with a candidate commerce event, or with one that is
    replaced. `keys` are the columns that name one; the last of them is null on events that belong to none.
#}
{% macro replaced_commerce(keys) %}
with

events as (

    select * from {{ ref('commerce_events') }}

),

replaced as (

    select published_events.*
    from {{ source('published', 'commerce_events') }} as published_events
    inner join {{ ref('replaced_commerce_events') }} as replaced_events
        on
            published_events.site_id = replaced_events.site_id
            and published_events.event_id = replaced_events.event_id
            and published_events.occurred_at = replaced_events.occurred_at

)

select {{ keys | join(', ') }}
from events
where {{ keys | last }} is not null
union
select {{ keys | join(', ') }}
from replaced
where {{ keys | last }} is not null
{% endmacro %}
