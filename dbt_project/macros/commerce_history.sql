{#
    All events of the checkouts or orders in scope, over their whole history as it will be once the candidates are
    published: candidate commerce events, and published ones that stay. `keys` are the columns of the scope;
    the last of them is null on events that belong to none.
#}
{% macro commerce_history(scope, keys) %}
{%- set columns = [
    'site_id', 'event_id', 'event_name', 'session_id', 'session_date', 'visitor_id', 'user_id', 'occurred_at',
    'checkout_id', 'order_type', 'order_id', 'service', 'amount', 'currency', 'payment_method', 'items', 'item_count',
    'error_code', 'error_message', 'contact_hash', 'device_type', 'browser', 'os', 'is_bot',
] -%}
select {{ columns | join(', ') }}
from {{ ref('commerce_events') }}
where {{ keys | last }} is not null
union all
select published.{{ columns | join(', published.') }}
from {{ source('published', 'commerce_events') }} as published
inner join {{ ref(scope) }} as scope
    on {% for key in keys %}published.{{ key }} = scope.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

left join {{ ref('scope_commerce_events') }} as scope_events
    on
        published.site_id = scope_events.site_id
        and published.event_id = scope_events.event_id
        and published.occurred_at = scope_events.occurred_at
where scope_events.event_id is null
{%- endmacro %}
