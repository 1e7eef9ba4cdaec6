"""The schema version of a database, and the newest version. Changes nothing."""

from pathlib import Path

from sqlalchemy import Connection, text

MIGRATIONS = Path(__file__).parent.parent / "migrations"
"""Alembic's folder. Its files are named by their version."""


def version(connection: Connection) -> str | None:
    """Newest version applied, or None on a database that Footfall has not seen."""
    if connection.scalar(text("select to_regclass('public.alembic_version')")) is None:
        return None
    return connection.scalar(text("select version_num from public.alembic_version"))


def newest() -> str:
    """Return the version to which `migrate` brings a database."""
    return max(path.stem for path in MIGRATIONS.glob("versions/[0-9]*.py")).partition("_")[0]
