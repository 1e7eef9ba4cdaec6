{# The columns of each model that names the keys whose published rows are replaced. #}
{% macro keys_of(replaced) %}
{{ return({
    'replaced_sessions': ['site_id', 'session_id'],
    'replaced_events': ['site_id', 'session_id'],
    'replaced_days': ['site_id', 'event_date'],
    'replaced_visitors': ['site_id', 'visitor_id'],
    'replaced_community_visits': ['site_id', 'event_id', 'occurred_at'],
    'replaced_commerce_events': ['site_id', 'event_id', 'occurred_at'],
    'replaced_checkouts': ['site_id', 'checkout_id'],
    'replaced_orders': ['site_id', 'order_type', 'order_id'],
    'replaced_customers': ['site_id', 'user_id'],
    'replaced_visitor_periods': ['site_id', 'period', 'first_day', 'last_day'],
}[replaced]) }}
{% endmacro %}
