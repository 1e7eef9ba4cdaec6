-- One row per commerce event of the days in scope, as they will be once the candidates are published. Bots
-- are left out.
{{ config(materialized='view') }}
{% set columns = ['site_id', 'event_id', 'event_name', 'session_id', 'event_date', 'occurred_at'] %}

{{ merged('commerce_events', columns) }}
