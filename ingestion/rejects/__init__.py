"""Rejected events after they were loaded: what fixes them, which there are, and loading those that are right now."""
