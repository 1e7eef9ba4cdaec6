-- One row per order or booking whose history the candidates change.

{{ replaced_commerce(['site_id', 'order_type', 'order_id']) }}
