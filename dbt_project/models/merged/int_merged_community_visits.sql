-- One row per visit to a community on the days in scope, as they will be once the candidates are
-- published. Bots are left out.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'event_date', 'visitor_id', 'user_id', 'community_id', 'community_slug', 'is_cross_division',
] %}

{{ merged('community_visits', columns) }}
