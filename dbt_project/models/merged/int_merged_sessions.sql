-- One row per session of the days in scope, as they will be once the candidates are published. Bots are left
-- out.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'session_id', 'event_date', 'visitor_id', 'user_id', 'started_at', 'ended_at', 'start_cause',
    'duration_seconds', 'page_view_count', 'is_engaged', 'signed_up_at', 'signed_in_at', 'review_count',
    'landing_page', 'referrer_host', 'channel', 'source', 'medium', 'campaign', 'utm_source', 'device_type', 'browser',
    'os', 'event_counts', 'widget_loaded_count', 'widget_opened_count', 'messages_sent_count', 'messages_received_count',
    'response_count', 'response_ms_total', 'had_conversation', 'error_count',
] %}

{{ merged('sessions', columns) }}
