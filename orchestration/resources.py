"""The resources of assets: the installation, and the lock on the candidate."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import dagster as dg

from footfall.pipeline.installation import Installation, open_installation
from runtime.files import require_room
from runtime.settings import load_settings
from warehouse.access.readers import readers_watched
from warehouse.postgres.locks import CANDIDATE, held
from warehouse.postgres.roles import Role
from warehouse.tables.version import require_newest, version


@cache
def current_installation() -> Installation:
    """The installation of this process."""
    return open_installation(load_settings())


class Footfall(dg.ConfigurableResource):
    """The installation."""

    @property
    def installation(self) -> Installation:
        """Settings and database."""
        return current_installation()


class CandidateLock(dg.ConfigurableResource):
    """The lock of a whole run: no other run builds, checks or publishes meanwhile. When a run is killed, it is free."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["CandidateLock"]:
        """Wait for the lock and hold it until the run ends.

        Raises:
            DiskFull: the disk of the home is full; nothing was begun.
            VersionError: the database is of another version than the programs.
        """
        installation = current_installation()
        require_room(installation.settings.home)
        with installation.engine.connect() as connection:
            require_newest(version(connection))
        with readers_watched(installation.engine), held(installation.engine_of(Role.TRANSFORMER), CANDIDATE):
            yield self
