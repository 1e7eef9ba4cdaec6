-- One row per checkout whose history the candidates change.

{{ replaced_keys('replaced_checkouts', 'commerce_events', by='replaced_commerce_events') }}
