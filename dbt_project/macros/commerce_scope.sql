{#
    The checkouts or orders whose history the candidates change: with a candidate commerce event, or with one that is
    replaced. `keys` are the columns that name one; the last of them is null on events that belong to none.
#}
{% macro commerce_scope(keys) %}
with

events as (

    select * from {{ ref('commerce_events') }}

),

replaced as (

    select published_events.*
    from {{ source('published', 'commerce_events') }} as published_events
    inner join {{ ref('scope_commerce_events') }} as scope_events
        on
            published_events.site_id = scope_events.site_id
            and published_events.event_id = scope_events.event_id
            and published_events.occurred_at = scope_events.occurred_at

)

select {{ keys | join(', ') }}
from events
where {{ keys | last }} is not null
union
select {{ keys | join(', ') }}
from replaced
where {{ keys | last }} is not null
{% endmacro %}
