-- One row per published commerce event that the candidates replace.

{{ replaced_events('commerce_events') }}
