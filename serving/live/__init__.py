"""Server-sent events: what goes on now, read once a second for each right, and sent to all who watch it."""
