-- What the live views look up: the last minutes by time, and of the last day the few events that end a session or
-- belong to a payment, by name and time.
create index events_occurred_at on raw.events (occurred_at);
create index events_landmarks on raw.events (event_name, occurred_at)
where event_name in (
    'session_ended', 'user_signed_out', 'payment_failed', 'payment_succeeded', 'order_placed', 'booking_placed'
);
