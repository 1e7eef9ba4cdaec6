"""One event: from what a client sent to what lands. Touches no network and no database."""
