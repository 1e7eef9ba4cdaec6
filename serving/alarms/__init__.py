"""Alarms on figures: which rules hold, what breaks them, and what was raised and resolved."""
