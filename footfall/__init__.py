"""Footfall's front door: settings, the stations of a night in order, and the command line."""
