"""The schema version of a database, and the newest version. Changes nothing."""

from importlib.metadata import version as release_of
from pathlib import Path

from sqlalchemy import Connection, text

from runtime.errors import FootfallError

MIGRATIONS = Path(__file__).parent.parent / "migrations"
"""Alembic's folder. Its files are named by their version."""


class VersionError(FootfallError):
    """A database of another version than the programs, and what to do."""


def version(connection: Connection) -> str | None:
    """Newest version applied, or None on a database that Footfall has not seen."""
    if connection.scalar(text("select to_regclass('public.alembic_version')")) is None:
        return None
    return connection.scalar(text("select version_num from public.alembic_version"))


def newest() -> str:
    """Return the version to which `migrate` brings a database."""
    return max(path.stem for path in MIGRATIONS.glob("versions/[0-9]*.py")).partition("_")[0]


def require_not_newer(found: str | None) -> None:
    """Require that these programs know the version of a database.

    Raises:
        VersionError: it is of newer ones.
    """
    if found and found > newest():
        raise VersionError(
            f"The database is of schema version {found}, and this Footfall ({release_of('footfall')}) knows versions up"
            f" to {newest()}: install the newer Footfall again. To go back to this one, restore the backup that"
            " `footfall upgrade` made into an empty home."
        )


def require_newest(found: str | None) -> None:
    """Require that a database is of the newest version.

    Raises:
        VersionError: it is of another one; the message names both.
    """
    require_not_newer(found)
    if found != newest():
        raise VersionError(
            f"The database is of schema version {found or 'none'}, and this Footfall ({release_of('footfall')}) needs"
            f" {newest()}: " + ("run `footfall down`, then `footfall upgrade`." if found else "run `footfall up`.")
        )
