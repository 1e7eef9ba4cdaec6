"""Alembic's environment and the versioned steps of the database schema."""
