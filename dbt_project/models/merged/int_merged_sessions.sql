-- One row per session of the replaced days, as they will be once the candidates are published. Robots are
-- left out.
{{ config(materialized='view') }}

{{ merged('sessions', replaced='replaced_sessions', within='replaced_days', robots=false) }}
