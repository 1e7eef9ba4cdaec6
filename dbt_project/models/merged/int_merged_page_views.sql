-- One row per page view of the replaced days, as they will be once the candidates are published. Robots are
-- left out.
{{ config(materialized='view') }}

{{ merged('page_views', replaced='replaced_sessions', within='replaced_days', robots=false) }}
