"""From a client's POST to rows in raw.events: collector, landing zone, loader, importers."""
