"""Superset beside Footfall: an environment and a folder of its own, and what it is given to show."""
