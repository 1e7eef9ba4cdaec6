-- One row per order or booking whose history the candidates change.

{{ replaced_keys('replaced_orders', 'commerce_events', by='replaced_commerce_events') }}
