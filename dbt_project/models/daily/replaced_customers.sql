-- One row per user whose days the candidates change: with a candidate day, or with one that is replaced.

{{ replaced_keys('replaced_customers', 'customer_days', by='replaced_days') }}
