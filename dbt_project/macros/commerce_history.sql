{#
    All events of the checkouts or orders in `replaced`, over their whole history as it will be once the candidates are
    published: candidate commerce events, and published ones that stay. `keys` are the columns of `replaced`;
    the last of them is null on events that belong to none.
#}
{% macro commerce_history(replaced, keys) %}
{%- set columns = [
    'site_id', 'event_id', 'event_name', 'session_id', 'event_date', 'visitor_id', 'user_id', 'occurred_at',
    'checkout_id', 'order_type', 'order_id', 'service', 'amount', 'currency', 'payment_method', 'items', 'item_count',
    'error_code', 'error_message', 'contact_hash', 'device_type', 'browser', 'os', 'is_bot',
] -%}
select {{ columns | join(', ') }}
from {{ ref('commerce_events') }}
where {{ keys | last }} is not null
union all
select published.{{ columns | join(', published.') }}
from {{ source('published', 'commerce_events') }} as published
inner join {{ ref(replaced) }} as replaced
    on {% for key in keys %}published.{{ key }} = replaced.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

left join {{ ref('replaced_commerce_events') }} as replaced_events
    on
        published.site_id = replaced_events.site_id
        and published.event_id = replaced_events.event_id
        and published.occurred_at = replaced_events.occurred_at
where replaced_events.event_id is null
{%- endmacro %}
