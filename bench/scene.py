"""The shared state of the measurements: an installation, the one day that most of them measure, the figures so far."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import text

from bench.figure import Figure
from footfall.pipeline.installation import Installation, open_installation, published_marts
from footfall.simulator.sites import TIMEZONES
from footfall.stack.simulation import last_day
from footfall.stack.stack import prepare_database
from runtime.settings import Settings
from warehouse.access.sites import add_site
from warehouse.postgres.database import embedded_server
from warehouse.tables.contracts import Mart


@dataclass(frozen=True)
class Scene:
    """One installation, with about `events` events on `day` and `quiet_events` on each later day."""

    installation: Installation
    day: date
    events: int
    quiet_events: int
    repeats: int
    anew: Callable[[], AbstractContextManager[Installation]]
    """Makes another installation with the same sites, for measurements whose warehouse must not hold the day."""
    found: dict[str, list[Figure]] = field(default_factory=dict)
    """The figures of each step so far."""

    @property
    def quiet_days(self) -> list[date]:
        """The days of quiet nights, as many as there are repeats."""
        return [self.day + timedelta(days=1 + number) for number in range(self.repeats)]

    @property
    def marts(self) -> tuple[Mart, ...]:
        """All marts, by name."""
        return published_marts(self.installation)

    def run(self, *statements: str) -> None:
        """Run statements in a transaction of their own."""
        run(self.installation, *statements)

    def count(self, relation: str) -> int:
        """How many rows it has."""
        return count(self.installation, relation)


def run(installation: Installation, *statements: str) -> None:
    """Run statements in a transaction of their own."""
    with installation.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def count(installation: Installation, relation: str) -> int:
    """How many rows it has."""
    with installation.engine.connect() as connection:
        return connection.execute(text(f"select count(*) from {relation}")).scalar_one()


@contextmanager
def fresh_scene(events: int, quiet_events: int, repeats: int) -> Iterator[Scene]:
    """Give a scene with a normal installation."""
    with fresh_installation() as installation:
        yield Scene(
            installation, last_day() - timedelta(days=repeats), events, quiet_events, repeats, fresh_installation
        )


@contextmanager
def fresh_installation() -> Iterator[Installation]:
    """Give an installation with its embedded server; delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as folder:
        Path(folder).chmod(0o755)  # The server may run as another user.
        settings = Settings(home=Path(folder) / "home", postgres_port=0)
        try:
            prepare_database(settings)
            with open_installation(settings) as installation:
                with installation.engine.begin() as connection:
                    for site, timezone in TIMEZONES.items():
                        add_site(connection, site, timezone)
                yield installation
        finally:
            if server := embedded_server(settings):
                server.stop()
