"""The state of the whole stack for Prometheus, on a page that takes a token of its own."""
