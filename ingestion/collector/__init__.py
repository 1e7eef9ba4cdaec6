"""The HTTP server that lands events: `python -m ingestion.collector`. Knows no database."""
