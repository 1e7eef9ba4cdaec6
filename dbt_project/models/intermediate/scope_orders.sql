-- One row per order or booking whose history the candidates change.

{{ commerce_scope(['site_id', 'order_type', 'order_id']) }}
