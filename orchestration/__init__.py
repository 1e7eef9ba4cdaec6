"""Dagster's view of the steps. The only package that imports Dagster."""
