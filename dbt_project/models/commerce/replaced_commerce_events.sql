-- One row per commerce event that publishing replaces. Where a candidate session takes over an event that is
-- published in a session on a dirty day, the published row is replaced, so that the event counts once. An id
-- that is used again days later is another event.

{{ replaced_keys('replaced_commerce_events', 'commerce_events', by='replaced_sessions') }}
