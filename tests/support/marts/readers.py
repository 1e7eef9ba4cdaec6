"""Readers of all marts and views while publishes and a retention run go on: each must see one whole version, at once.

A version is the standing candidate with its number written into one column of every mart; it is begun, fingerprinted
and published as any other. Beside it lie rows and raw events of a month before, which retention prunes meanwhile.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from psycopg import sql
from sqlalchemy import Connection, text

from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation
from footfall.pipeline.night import load
from tests.support.events import Landing, event
from tests.support.marts.candidates import COLUMNS, stand_again
from warehouse.postgres.catalog import run
from warehouse.postgres.roles import Role
from warehouse.publication.publish import fingerprint, publish
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import Pruned, prune
from warehouse.tables.contracts import Mart, read_marts
from warehouse.tables.partitions import ensure_partition

OLD = "old"
"""Sites of this prefix have the rows that are a month older than all others: due."""
AGE = timedelta(days=30)
PRUNING = ("raw_events", "anonymous_sessions", "signed_in_sessions", "daily_tables")
LIVE = ("active_sessions", "areas", "visitors_by_page", "community_visitors", "payment_errors", "events")
Counts = dict[str, int]


@dataclass
class Report:
    """What the readers met."""

    publishes: int = 0
    seconds: float = 0
    readings: Counts = field(default_factory=dict)
    """By kind of reader."""
    versions: set[str] = field(default_factory=set)
    pruned: list[Pruned] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds that each statement of a reader took."""
    faults: list[str] = field(default_factory=list)

    @property
    def longest_seconds(self) -> float:
        """The longest that one statement of a reader took."""
        return max(self.waits)

    def __str__(self) -> str:
        return (
            f"{self.publishes} publishes in {self.seconds:.1f} s, {sum(self.readings.values())} readings {self.readings}"
            f" of {len(self.versions)} versions, {sum(step.rows for step in self.pruned)} rows pruned, longest statement"
            f" {1000 * self.longest_seconds:.0f} ms, {len(self.faults)} faults {self.faults[:3]}"
        )


def torture(installation: Installation, publishes: int) -> Report:
    """Publish that often while readers read. What is published must still stand as the candidate in schema audit."""
    marts = read_marts(dbt.manifest(installation.settings, installation.database.roles[Role.TRANSFORMER]))
    _add_what_is_due(installation, marts)
    _let_something_happen_now(installation)
    _publish_version(installation, marts, 0)
    readers = _Readers(installation, marts)
    started = time.monotonic()
    with readers.reading():
        for number in range(1, publishes + 1):
            if number == publishes // 4:
                readers.start(readers.across_retention)
                readers.before_retention.wait(60)
            if number == publishes // 2:
                readers.start(readers.retention)
            _publish_version(installation, marts, number)
        readers.retained.wait(60)
        _publish_version(installation, marts, publishes + 1)
        readers.after_retention.set()
    readers.report.publishes = publishes
    readers.report.seconds = time.monotonic() - started
    return readers.report


class _Readers:
    """The threads that read, and the one that prunes. They write what they meet into one report."""

    def __init__(self, installation: Installation, marts: tuple[Mart, ...]) -> None:
        self.installation = installation
        self.marts = marts
        self.report = Report()
        self.before_retention, self.retained, self.after_retention = (threading.Event() for _ in range(3))
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._version_of = {f"marts.{mart.name}": _version_query(f"marts.{mart.name}", mart) for mart in marts}
        sessions = next(mart for mart in marts if mart.name == "sessions")
        self._version_of["marts.sessions_current_user"] = _version_query("marts.sessions_current_user", sessions)
        self._every_row = " union all ".join(f"select '{mart.name}', count(*) from marts.{mart.name}" for mart in marts)
        self._live = " union all ".join(f"select '{view}', count(*) from live.{view}" for view in LIVE)
        with installation.engine.connect() as connection:
            self._whole = {name: connection.execute(text(query)).one().rows for name, query in self._version_of.items()}
            self._seen_live = dict(self._timed(connection, self._live))
        assert all(self._whole.values()), self._whole
        assert all(self._seen_live.values()), self._seen_live

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read meanwhile."""
        for read in (self.one_statement, self.one_statement, self.one_snapshot, self.one_snapshot, self.live):
            self.start(read)
        try:
            yield
        finally:
            self._ended.set()
            for thread in self._threads:
                thread.join(60)
            self.report.faults += [f"{thread.name} does not end" for thread in self._threads if thread.is_alive()]

    def start(self, work: Callable[[], None]) -> None:
        """Do it in a thread, until the end where it is a reader's."""

        def attempt() -> None:
            try:
                work()
            except Exception as error:
                self.report.faults.append(f"{work.__name__}: {error!r}")

        self._threads.append(threading.Thread(target=attempt, name=work.__name__))
        self._threads[-1].start()

    def one_statement(self) -> None:
        """At READ COMMITTED a statement has a snapshot of its own: all marts in one statement."""
        all_marts = " union all ".join(self._version_of.values())
        while not self._ended.is_set():
            with self.installation.engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
                self._judge("one statement", self._timed(connection, all_marts))
            time.sleep(0.01)

    def one_snapshot(self) -> None:
        """Mart after mart in one transaction at REPEATABLE READ, in any order, with time for others to publish."""
        chance = random.Random()
        while not self._ended.is_set():
            found = []
            with self._snapshot() as connection:
                for query in chance.sample(list(self._version_of.values()), len(self._version_of)):
                    found += self._timed(connection, query)
                    time.sleep(chance.choice((0, 0.03)))
            self._judge("one snapshot", found)

    def live(self) -> None:
        """The live views twice in one transaction, over raw partitions of which retention takes some away."""
        while not self._ended.is_set():
            with self._snapshot() as connection:
                first = self._timed(connection, self._live)
                time.sleep(0.3)
                again = self._timed(connection, self._live)
            self._count("live")
            if not dict(first) == dict(again) == self._seen_live:
                self.report.faults.append(f"live: {first}, then {again}, not {self._seen_live}")

    def across_retention(self) -> None:
        """One snapshot from before the retention run to after it: also what is pruned meanwhile stays in sight."""
        all_marts = " union all ".join(self._version_of.values())
        with self._snapshot() as connection:
            found, every_row = self._timed(connection, all_marts), self._timed(connection, self._every_row)
            self.before_retention.set()
            self.after_retention.wait(120)
            again, every_row_again = self._timed(connection, all_marts), self._timed(connection, self._every_row)
        self._judge("across retention", found)
        self._judge("across retention", again)
        if found != again or every_row != every_row_again:
            self.report.faults.append(f"across retention: {found} became {again}, {every_row} became {every_row_again}")

    def retention(self) -> None:
        """The retention run itself, while publishes go on."""
        self.report.pruned = prune(self.installation.engine, self.installation.settings, self.marts)
        self.retained.set()

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        with self.installation.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            yield connection

    def _timed(self, connection: Connection, query: str) -> list[tuple]:
        started = time.monotonic()
        found = sorted(tuple(row) for row in connection.execute(text(query)))
        self.report.waits.append(time.monotonic() - started)
        return found

    def _judge(self, kind: str, found: list[tuple]) -> None:
        """All rows of all marts, of one version."""
        self._count(kind)
        versions = {version for _, version, _ in found}
        self.report.versions |= versions
        if len(versions) != 1:
            self.report.faults.append(f"{kind}: a mix of versions {sorted(versions)}")
        if {name: count for name, _, count in found} != self._whole or len(found) != len(self._whole):
            self.report.faults.append(f"{kind}: {found}, not {self._whole}")

    def _count(self, kind: str) -> None:
        self.report.readings[kind] = self.report.readings.get(kind, 0) + 1


def _publish_version(installation: Installation, marts: tuple[Mart, ...], number: int) -> None:
    """Make a candidate of what stands in schema audit with this number written all over it, pass it, publish it."""
    with installation.engine.begin() as connection:
        for mart in marts:
            run(connection, _set_version(mart, number))
        candidate = stand_again(connection, marts)
        audit_id = connection.execute(
            text(
                "insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)"
                " values (:candidate, :seen, true, 1, 0) returning audit_id"
            ),
            {"candidate": candidate.candidate_id, "seen": fingerprint(connection, marts)},
        ).scalar_one()
        connection.execute(
            text(
                "insert into ops.check_results (audit_id, mart, expectation, passed) values (:audit, :mart, '', true)"
            ),
            [{"audit": audit_id, "mart": mart.name} for mart in marts],
        )
    with installation.engine.begin() as connection:
        publish(connection, candidate, marts)


def _version_column(mart: Mart) -> str:
    """A column that is neither key nor day."""
    kinds = {column.name: column.data_type for column in mart.columns if column.name not in mart.primary_key}
    numbers = [name for name, kind in kinds.items() if kind in ("integer", "bigint")]
    return next(iter(numbers or [name for name, kind in kinds.items() if kind == "text"]))


def _set_version(mart: Mart, number: int) -> sql.Composable:
    column, table = sql.Identifier(_version_column(mart)), sql.Identifier("audit", mart.name)
    return sql.SQL("update {} set {} = {}").format(table, column, sql.Literal(str(number)))


def _version_query(relation: str, mart: Mart) -> str:
    return (
        f"select '{relation}' as relation, {_version_column(mart)}::text as version, count(*) as rows"
        f" from {relation} where site_id not like '{OLD}%' group by 2"
    )


def _add_what_is_due(installation: Installation, marts: tuple[Mart, ...]) -> None:
    """Copy all that is published, and its raw events, to a month before; and let policies keep nothing so old."""
    with installation.engine.connect() as connection:
        days = connection.execute(text("select distinct event_date from raw.events order by 1")).scalars().all()
        kept_days = connection.scalar(text("select current_date - min(first_date) + 1 from ops.publications"))
    for day in days:
        ensure_partition(installation.engine, day - AGE)
    with installation.engine.begin() as connection:
        for policy in PRUNING:
            set_policy(connection, policy, kept_days)
        for relation in ("raw.events", *(f"marts.{mart.name}" for mart in marts)):
            columns = {row.attname: row for row in connection.execute(text(COLUMNS), {"relation": relation})}
            aged = ", ".join(_aged(name, column.data_type) for name, column in columns.items())
            connection.execute(text(f"insert into {relation} ({', '.join(columns)}) select {aged} from {relation}"))


def _let_something_happen_now(installation: Installation) -> None:
    """Events that each of the live views shows."""
    now = datetime.now(UTC)
    community = {"community_id": "m-1", "visitor_division_id": "1", "community_division_id": "2"}
    Landing(installation.settings.landing).land(
        event(now, "hal's", page_type="homepage"),
        event(now, "ina's", "payment_failed", properties={"checkout_id": "c-ina", "error_code": "declined"}),
        event(now, "jo's", "community_visited", properties=community),
    )
    load(installation)


def _aged(column: str, data_type: str) -> str:
    if column == "site_id":
        return f"'{OLD}' || {column}"
    return f"{column} - interval '{AGE.days} days'" if data_type in ("date", "timestamp with time zone") else column
