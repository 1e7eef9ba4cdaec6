"""Bring the lists of sources up to date. See docs/sources.md."""
