"""The open day before its night: built from loaded events by the same models, ungated, into schema today.

It steps aside for nights and loads, and holds no lock for which they wait but MIGRATION, for a moment. It may be killed
at any time: what was built before stays.
"""

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from footfall.pipeline import candidates, dbt
from footfall.pipeline.installation import Installation, published_marts
from runtime.failpoints import reach
from warehouse.postgres.locks import CANDIDATE, LOADS, TODAY, held_at_once, is_held
from warehouse.postgres.roles import Role
from warehouse.publication.slices import Slice, SliceError
from warehouse.publication.today import NotNow, begin, replace

LOAD_PATIENCE_SECONDS = 2.0
"""How long a build waits for a moment in which nothing is loaded: a follower loads every second, for a moment."""


@dataclass(frozen=True)
class Built:
    """What a build came to."""

    days: Slice | None
    """None: nothing came since the last build, or all of it is published."""
    sessions: int
    as_of: datetime | None


def build(installation: Installation) -> Built:
    """Build the open day of each site, and the day before it where that waits for its night.

    Raises:
        NotNow: a night, a load, an erasure or another such build is under way; or rows went meanwhile.
        BuildFailed: with what dbt said.
    """
    settings, engine = installation.settings, installation.engine_of(Role.TRANSFORMER)
    with held_at_once(engine, TODAY) as is_mine:
        if not is_mine:
            raise NotNow("the open day is being built already, or someone is being erased")
        with engine.connect() as connection:
            _require_quiet(connection)
        candidates.prepare(installation)
        version = candidates.code_version_of(installation)
        try:
            with engine.begin() as connection:
                begun = begin(connection, version)
        except SliceError as error:
            raise NotNow(str(error)) from None
        if not begun:
            return Built(None, 0, None)
        reach("today:begun")
        if begun.days:
            dbt.build(settings, installation.database.roles[Role.TRANSFORMER], dbt.TODAY)
        reach("today:built")
        with installation.engine_of(Role.PUBLISHER).begin() as connection:
            sessions = replace(connection, begun, published_marts(installation))
            reach("today:before_commit", connection)
        return Built(begun.days, sessions, begun.as_of)


def _require_quiet(connection: Connection) -> None:
    if is_held(connection, CANDIDATE):
        raise NotNow("a night is under way")
    deadline = time.monotonic() + LOAD_PATIENCE_SECONDS
    while is_held(connection, LOADS):
        if time.monotonic() > deadline:
            raise NotNow("events are being loaded")
        time.sleep(0.05)
