-- One row per checkout whose history the candidates change.

{{ commerce_scope(['site_id', 'checkout_id']) }}
