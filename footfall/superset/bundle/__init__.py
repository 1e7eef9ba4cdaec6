"""What Superset imports: connection, datasets, charts and dashboards, made from the contracts of marts and metrics."""
