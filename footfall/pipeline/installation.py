"""One installation: its settings, its database, and the contracts of its marts. Starts nothing."""

import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from footfall.pipeline import dbt
from runtime.settings import Settings
from warehouse.postgres.database import Database, database
from warehouse.postgres.roles import Role
from warehouse.publication.slices import SliceError
from warehouse.tables.contracts import ContractError, Mart, read_marts

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Installation:
    """One Footfall: its settings and its database. As a context it closes its connections at the end."""

    settings: Settings
    database: Database
    engine: Engine
    """Engine of the administrator: for the schema, roles and sites."""
    _engines: dict[Role, Engine] = field(default_factory=dict)

    def engine_of(self, role: Role) -> Engine:
        """Return the engine of a role: each step connects as its own role."""
        if role not in self._engines:
            self._engines.setdefault(role, self.database.engine(role))
        return self._engines[role]

    def dispose(self) -> None:
        """Close all connections."""
        for engine in (self.engine, *self._engines.values()):
            engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.dispose()


def open_installation(settings: Settings) -> Installation:
    """Return the installation that the settings describe. Starts nothing, connects to nothing."""
    where = database(settings)
    return Installation(settings, where, where.engine())


def published_marts(installation: Installation) -> tuple[Mart, ...]:
    """Return all marts as their contracts describe them, sorted by name.

    Raises:
        BuildFailed: the models cannot be parsed.
        ContractError: a mart has not decided about itself.
    """
    try:
        marts = read_marts(manifest_of(installation))
    except ContractError as error:
        raise ContractError(dbt.with_real_paths(installation.settings, str(error))) from None
    if not marts:
        raise SliceError("the dbt project has no marts: install Footfall again")
    return marts


def readers_manifest(installation: Installation, target: str = dbt.PUBLISHED) -> Path:
    """Return the manifest of the marts as the analyst reads them; the compiled questions lie beside it."""
    return dbt.manifest(installation.settings, installation.database.roles[Role.ANALYST], target)


def manifest_of(installation: Installation) -> Path:
    """Return the manifest of the candidates' models, parsed again if a file of the dbt project changed."""
    return dbt.manifest(installation.settings, installation.database.roles[Role.TRANSFORMER])


def sound_manifest(installation: Installation) -> Path:
    """Return the same manifest, or if the user's models are broken, the manifest without them.

    It is for work that must go on: the collector, loading, the live views. Nights, erasures and retention use
    `manifest_of` and stop.
    """
    try:
        manifest = manifest_of(installation)
        published_marts(installation)
    except (dbt.BuildFailed, ContractError) as error:
        if not installation.settings.models_path:
            raise
        _log.error("nothing is built until this is right: %s", error)
        ours = replace(installation.settings, models_path=None)
        manifest = dbt.manifest(ours, installation.database.roles[Role.TRANSFORMER])
    return manifest
