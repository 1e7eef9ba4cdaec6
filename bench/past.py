"""Two warehouses about to have the same nights: one knows a single day, the other ninety.

The last ten of the ninety days are loaded, built and published as always. The eighty days before them are copies of
these under other people's ids, made by SQL, without entries in ledger or publications. A day without events lies
between, so that no build that looks for sessions across its borders finds the copied raw events.
"""

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

from sqlalchemy import Engine, text

from bench.scene import Scene
from bench.traffic import land_sent
from footfall.pipeline import night
from footfall.pipeline.installation import Installation, published_marts
from footfall.simulator.sites import ZONES
from footfall.simulator.traffic import Sent, generate
from footfall.stack.simulation import last_day
from ingestion.landing.writer import sealed_folder
from warehouse.publication.slices import Slice
from warehouse.tables.partitions import ensure_partition

BUILT_DAYS, DAYS = 10, 90
COPIES = DAYS // BUILT_DAYS - 1
IDS = {
    *("event_id", "first_event_id", "session_id", "first_session_id", "client_session_id", "page_view_id"),
    *("visitor_id", "anonymous_id", "user_id", "current_user_id"),
    *("checkout_id", "order_id", "last_order_id", "last_booking_id"),
}
"""Columns whose values differ in each copy."""


@dataclass(frozen=True)
class Days:
    """Landed events, day by day, the same for every warehouse. Many of the people come back."""

    store: Path
    built: Slice
    """The days of which a long past is made; a short past is the last of these days."""
    nights: tuple[date, ...]
    """The days of the nights to come."""

    @classmethod
    def fill(cls, store: Path, events: int, nights: int, built: int = BUILT_DAYS) -> Self:
        """Make about `events` events a day, by the clocks of their sites: `built` days, then `nights` days."""
        last = last_day()
        days = [last - timedelta(days=ago) for ago in reversed(range(built + nights))]
        by_day: dict[date, list[Sent]] = {}
        for one in generate(len(days), events * len(days), seed=3, until=last):
            at = datetime.fromisoformat(one.event["client_timestamp"]).astimezone(ZONES[one.site])
            by_day.setdefault(at.date(), []).append(one)
        for day, sent in by_day.items():
            land_sent(store / str(day), sent)
        return cls(store, Slice(days[0], days[built - 1]), tuple(days[built:]))

    def deliver(self, day: date, installation: Installation) -> None:
        """Put the day's events into the landing zone, to wait for a load."""
        shutil.copytree(
            self.store / str(day) / "sealed", sealed_folder(installation.settings.landing), dirs_exist_ok=True
        )


class Past(NamedTuple):
    """The two warehouses, and the nights that both still have to run."""

    short: Installation
    long: Installation
    days: Days


@contextmanager
def past(scene: Scene, events: int) -> Iterator[Past]:
    """Make both warehouses with about `events` events a day, and a night to come for each repeat."""
    with scene.anew() as short, scene.anew() as long, TemporaryDirectory() as store:
        days = Days.fill(Path(store), events, scene.repeats)
        have_past(short, days, [days.built.last])
        have_past(long, days, days.built.days)
        copy_back(long, days.built)
        yield Past(short, long, days)


def have_past(installation: Installation, days: Days, known: Sequence[date]) -> None:
    """Load, build and publish these days as always."""
    for day in known:
        days.deliver(day, installation)
    night.nightly(installation, say=lambda line: None)
    _vacuum(installation.engine)


def copy_back(installation: Installation, built: Slice) -> None:
    """Fill the days before with copies: raw events on one connection, the marts on another.

    Weeks and months that nights merged are left out: no day of a copy lies in the week of the day that it is of.
    """
    for ago in range(2, BUILT_DAYS * COPIES + 2):
        ensure_partition(installation.engine, built.first - timedelta(days=ago))
    marts = [mart for mart in published_marts(installation) if mart.name != "visitor_sketches"]
    tables = ["raw.events"], [f"marts.{mart.name}" for mart in marts]
    with ThreadPoolExecutor(len(tables)) as threads:
        list(threads.map(partial(_copy, installation.engine), tables))


def _copy(engine: Engine, tables: list[str]) -> None:
    for table in tables:
        with engine.begin() as connection:
            found = connection.execute(
                text(
                    "select attname, format_type(atttypid, null) from pg_attribute"
                    " where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped"
                ),
                {"name": table},
            )
            columns = {str(name): str(kind) for name, kind in found}
            names, copied = ", ".join(columns), ", ".join(_copied(*column) for column in columns.items())
            connection.execute(
                text(
                    f"insert into {table} ({names}) select {copied} from {table} as built"
                    f" join ops.sites using (site_id) cross join generate_series(1, {COPIES}) as copy"
                )
            )
        _vacuum(engine, table)


def _copied(name: str, kind: str) -> str:
    """Return the SQL of a column of copy number `copy`: other people, and earlier days by the site's clock."""
    if name in IDS:
        return f"built.{name} || '~' || copy"
    if kind == "date":
        return f"built.{name} - ({BUILT_DAYS} * copy + 1)"
    if kind.startswith("timestamp"):
        back = f"make_interval(days => {BUILT_DAYS} * copy + 1)"
        return f"(built.{name} at time zone timezone - {back}) at time zone timezone"
    return f"built.{name}"


def _vacuum(engine: Engine, table: str = "") -> None:
    """Vacuum and checkpoint, as autovacuum and the checkpointer would have done by then."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"vacuum analyze {table}"))
        connection.execute(text("checkpoint"))
