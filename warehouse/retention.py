"""Prune what is older than its policy says, and nothing else. Every step may be interrupted and run again.

Days with dirty marks are never pruned: what was not published yet would be lost. Dagster's own history is pruned
by `orchestration`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from warehouse.failpoints import reach
from warehouse.locks import MARTS, PARTITION, RETENTION, exclusive, held
from warehouse.partitions import partition_name

LOAD_PATIENCE_SECONDS = 3


class RetentionError(Exception):
    """A policy or a clock that cannot be right."""


@dataclass(frozen=True)
class Policy:
    """How long one kind of data is kept; None: for ever."""

    name: str
    keep_days: int | None
    description: str


@dataclass(frozen=True)
class Pruned:
    """What one step removed, or would remove: rows, or files where `relation` is the landing zone."""

    policy: str
    relation: str
    rows: int
    bytes: int


def list_policies(connection: Connection) -> list[Policy]:
    """All policies by name."""
    rows = connection.execute(text("select policy, keep_days, description from ops.retention_policies order by policy"))
    return [Policy(row.policy, row.keep_days, row.description) for row in rows]


def set_policy(connection: Connection, name: str, keep_days: int | None) -> None:
    """Change how long something is kept.

    Raises:
        RetentionError: no such policy, or less than a day.
    """
    if keep_days is not None and keep_days < 1:
        raise RetentionError("keep at least 1 day, or never prune: DAYS is a whole number from 1, or `never`")
    changed = connection.execute(
        text("update ops.retention_policies set keep_days = :keep_days where policy = :name"),
        {"name": name, "keep_days": keep_days},
    ).rowcount
    if not changed:
        known = ", ".join(policy.name for policy in list_policies(connection))
        raise RetentionError(f"there is no policy {name}; there are {known}")


def prune(engine: Engine, landing: Path, dry_run: bool = False) -> list[Pruned]:
    """Apply every policy by the database's own date, and say what was, or would be, removed.

    Raises:
        RetentionError: the clock is implausible: loads lie more than a day in its future, or all of them more than
            a year in its past.
    """
    with held(engine, RETENTION):
        return _prune(engine, landing, dry_run)


def _prune(engine: Engine, landing: Path, dry_run: bool) -> list[Pruned]:
    with engine.connect() as connection:
        today: date = connection.execute(text("select current_date")).scalar_one()
        due = {
            policy.name: today - timedelta(days=policy.keep_days)
            for policy in list_policies(connection)
            if policy.keep_days
        }
        _refuse_implausible_clock(connection, today)
    pruned: list[Pruned] = []
    if before := due.get("raw_events"):
        pruned += _prune_raw_events(engine, before, dry_run)
    if before := due.get("landed_files"):
        pruned += _prune_landed_files(engine, landing, before, dry_run)
    for rule in _RULES:
        if before := due.get(rule.policy):
            with engine.begin() as connection:
                pruned.append(_prune_rows(connection, rule, before, dry_run))
    return pruned


@dataclass(frozen=True)
class _Rule:
    """Which rows of a relation fall under a policy; `:before` is the first day to keep."""

    policy: str
    relation: str
    where: str
    change: str | None = None
    """What to set instead of deleting the row."""


def _settled(day: str) -> str:
    return f"{day} < :before and {day} not in (select event_date from ops.dirty_days)"


_RULES = (
    _Rule("rejects", "raw.rejects", "rejected_at < :before"),
    _Rule("ip_addresses", "raw.events", "event_date < :before and ip is not null", change="ip = null"),
    _Rule(
        "ip_addresses", "marts.sessions", "session_date < :before and ip_masked is not null", change="ip_masked = null"
    ),
    _Rule("contacts", "ops.contact_vault", "event_date < :before"),
    _Rule("anonymous_sessions", "marts.page_visits", _settled("session_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.commerce_events", _settled("session_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.checkouts", _settled("checkout_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.orders", _settled("order_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.payment_errors", _settled("error_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.community_visits", _settled("session_date") + " and user_id is null"),
    _Rule("anonymous_sessions", "marts.sessions", _settled("session_date") + " and is_anonymous"),
    _Rule("anonymous_sessions", "marts.visitors", "last_seen_at < :before and current_user_id is null"),
    _Rule("signed_in_sessions", "marts.page_visits", _settled("session_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.commerce_events", _settled("session_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.checkouts", _settled("checkout_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.orders", _settled("order_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.payment_errors", _settled("error_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.community_visits", _settled("session_date") + " and user_id is not null"),
    _Rule("signed_in_sessions", "marts.sessions", _settled("session_date") + " and not is_anonymous"),
    _Rule("signed_in_sessions", "marts.visitors", "last_seen_at < :before and current_user_id is not null"),
    _Rule("daily_tables", "marts.daily_stats", _settled("stat_date")),
    _Rule("daily_tables", "marts.daily_page_stats", _settled("stat_date")),
    _Rule("daily_tables", "marts.daily_event_stats", _settled("stat_date")),
    _Rule("daily_tables", "marts.daily_traffic", _settled("stat_date")),
    _Rule("daily_tables", "marts.daily_devices", _settled("stat_date")),
    _Rule("daily_tables", "marts.daily_funnel", _settled("stat_date")),
    _Rule("daily_tables", "marts.community_visits_daily", _settled("stat_date")),
)


def _prune_rows(connection: Connection, rule: _Rule, before: date, dry_run: bool) -> Pruned:
    if connection.scalar(text("select to_regclass(:relation)"), {"relation": rule.relation}) is None:
        return Pruned(rule.policy, rule.relation, 0, 0)
    exclusive(connection, MARTS)
    found = connection.execute(
        text(
            "select count(*) as rows, coalesce(sum(pg_column_size(r.*)), 0)::bigint as bytes"
            f" from {rule.relation} r where {rule.where}"
        ),
        {"before": before},
    ).one()
    if found.rows and not dry_run:
        verb = f"update {rule.relation} set {rule.change}" if rule.change else f"delete from {rule.relation}"
        connection.execute(text(f"{verb} where {rule.where}"), {"before": before})
    reach("retain:rows", connection)
    return Pruned(rule.policy, rule.relation, found.rows, found.bytes)


def _prune_raw_events(engine: Engine, before: date, dry_run: bool) -> Iterator[Pruned]:
    """Drop whole partitions. The day is sealed first, so that no late event can bring half of it back."""
    with engine.connect() as connection:
        days: list[date] = list(
            connection.execute(
                text(
                    "select to_date(right(relname, 8), 'YYYYMMDD') as day from pg_class"
                    " where relnamespace = 'raw'::regnamespace and relkind = 'r' and relname ~ '^events_[0-9]{8}$'"
                    " and to_date(right(relname, 8), 'YYYYMMDD') < :before"
                    " and to_date(right(relname, 8), 'YYYYMMDD') not in (select event_date from ops.dirty_days)"
                    " order by day"
                ),
                {"before": before},
            ).scalars()
        )
    for day in days:
        name = f"raw.{partition_name(day)}"
        with engine.connect() as connection:
            rows: int = connection.execute(text(f"select count(*) from {name}")).scalar_one()
            size: int = connection.execute(text("select pg_total_relation_size(:name)"), {"name": name}).scalar_one()
        if dry_run or _drop_partition(engine, day):
            yield Pruned("raw_events", name, rows, size)


def _drop_partition(engine: Engine, day: date) -> bool:
    """Detach the day's partition without blocking readers, and drop it. Picks up where a killed run stopped."""
    name = f"raw.{partition_name(day)}"
    if not _seal(engine, day):
        return False
    reach("retain:sealed")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        state = connection.scalar(
            text("select inhdetachpending from pg_inherits where inhrelid = to_regclass(:name)"), {"name": name}
        )
        if state is not None:
            mode = "finalize" if state else "concurrently"
            connection.exec_driver_sql(f"alter table raw.events detach partition {name} {mode}")
        connection.execute(text("delete from raw.lost_copies where event_date = :day"), {"day": day})
        reach("retain:detached", connection)
        # The table goes last: a killed run is taken up where there still is one.
        connection.exec_driver_sql(f"drop table {name}")
    return True


def _seal(engine: Engine, day: date) -> bool:
    """Let no more events into the day; False, and for another time, while a load holds it or it is dirty."""
    try:
        with engine.begin() as connection:
            exclusive(connection, PARTITION)
            # Not for ever: the load may be waiting for our lock to make its next partition.
            connection.exec_driver_sql(f"set local lock_timeout = '{LOAD_PATIENCE_SECONDS}s'")
            connection.exec_driver_sql(f"lock table raw.{partition_name(day)} in share row exclusive mode")
            if connection.scalar(text("select 1 from ops.dirty_days where event_date = :day"), {"day": day}):
                return False
            connection.execute(
                text("insert into ops.sealed_days (event_date) values (:day) on conflict do nothing"), {"day": day}
            )
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True


def _prune_landed_files(engine: Engine, landing: Path, before: date, dry_run: bool) -> Iterator[Pruned]:
    """Remove files that were loaded before the day; a file the ledger does not know stays."""
    with engine.connect() as connection:
        names: list[str] = list(
            connection.execute(
                text("select file_name from ops.landed_files where state = 'loaded' and loaded_at < :before"),
                {"before": before},
            ).scalars()
        )
        files = [path for name in names if (path := landing / "loaded" / name).exists()]
    size = sum(path.stat().st_size for path in files)
    if not dry_run:
        for path in files:
            path.with_name(f"{path.name}.json").unlink(missing_ok=True)
            reach("retain:file")
            path.unlink()
    yield Pruned("landed_files", "landing zone", len(files), size)


def _refuse_implausible_clock(connection: Connection, today: date) -> None:
    newest = connection.scalar(text("select max(loaded_at)::date from ops.landed_files"))
    if newest and newest > today + timedelta(days=1):
        raise RetentionError(
            f"today is {today} by the database's clock, but files were loaded on {newest}: nothing pruned"
        )
    if newest and today - newest > timedelta(days=366):
        raise RetentionError(
            f"today is {today} by the database's clock, but nothing was loaded since {newest}:"
            " if the clock is right, load something first; nothing pruned"
        )
