-- One row per event that reports a replaced order or booking, over its whole history as it will be once the
-- candidates are published.
{{ config(materialized='view') }}

{{ merged('commerce_events', replaced='replaced_commerce_events', within='replaced_orders') }}
