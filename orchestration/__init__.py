"""Dagster's view of the stations. The only package that imports Dagster."""
