-- One row per checkout whose history the candidates change.

{{ replaced_commerce(['site_id', 'checkout_id']) }}
