"""From sealed segments to rows in schema raw, each event once."""
