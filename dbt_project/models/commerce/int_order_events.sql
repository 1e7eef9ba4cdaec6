-- One row per event that reports an order or booking in scope, over its whole history as it will be once the
-- candidates are published.
{{ config(materialized='view') }}

{{ commerce_history('replaced_orders', ['site_id', 'order_type', 'order_id']) }}
