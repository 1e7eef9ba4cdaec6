-- One row per page view of the days in scope, as they will be once the candidates are published. Bots are
-- left out.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'session_id', 'event_date', 'visitor_id', 'user_id', 'page_path', 'page_type', 'entered_at', 'duration_seconds', 'is_entry',
    'is_exit', 'is_engaged_session', 'is_bounce',
] %}

{{ merged('page_views', columns) }}
