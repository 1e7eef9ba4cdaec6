"""Footfall's front door: settings, the steps of a night in order, and the command line."""
