-- One row per commerce event of the replaced days, as they will be once the candidates are published. Robots
-- are left out.
{{ config(materialized='view') }}

{{ merged('commerce_events', replaced='replaced_commerce_events', within='replaced_days', robots=false) }}
