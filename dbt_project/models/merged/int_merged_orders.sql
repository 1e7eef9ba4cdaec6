-- One row per order or booking of the replaced days, as they will be once the candidates are published.
-- Robots are left out.
{{ config(materialized='view') }}

{{ merged('orders', replaced='replaced_orders', within='replaced_days', robots=false) }}
