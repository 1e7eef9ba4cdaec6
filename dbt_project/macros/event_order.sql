{# The total order of events: by time, then by what they are, then as the client counted them, then by their ids. #}
{% macro event_order() %}{{ return(['occurred_at', 'order_in_instant', 'event_id']) }}{% endmacro %}
