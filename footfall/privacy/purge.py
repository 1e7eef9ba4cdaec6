"""Take the bytes of erased people out of the database's files, within `erasure_days` of each erasure.

Tables are written anew, one after the other, then the planner's statistics, then the write-ahead log. Readers of a
table wait while it is written. A table in use is left for the next round, at last for the next night. May be
interrupted and run again.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from footfall.pipeline.installation import Installation
from footfall.pipeline.night import Say
from footfall.privacy.erase import write_beside_backups
from footfall.privacy.receipt import write_receipt
from runtime.failpoints import reach
from warehouse.postgres.locks import CANDIDATE, PRIVACY, RETENTION, held
from warehouse.postgres.roles import Role
from warehouse.postgres.wal import forget_log
from warehouse.privacy.erased_relations import STATISTICS, ErasedRelation, erased_relations, forget, rewrite
from warehouse.privacy.requests import note, unfinished_erasures

ROUNDS = 10
PAUSE_SECONDS = 5.0
"""Between two rounds readers are served: they wait for a second in each at most, until a table is written."""
SPARE_NIGHTS = 2
"""So many nights before the promise ends the first attempt is made, for all erasures together."""


@dataclass
class Purged:
    """What was done, and what is left."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Table → how long its readers waited at most, in seconds."""
    left: list[str] = field(default_factory=list)
    """Tables and files that may hold bytes still, each with the reason."""
    requests: int = 0
    """Number of erasures of which no byte is left now."""


def is_due(installation: Installation) -> bool:
    """Whether tonight is the time, so that there are nights left in which to try again."""
    settings, engine = installation.settings, installation.engine_of(Role.ERASER)
    with engine.connect() as connection:
        moments = [each.unreadable_at for each in unfinished_erasures(connection).values() if each.unreadable_at]
        moments += [each.erased_at for each in erased_relations(connection)]
    days = max(settings.erasure_days - SPARE_NIGHTS, 0)
    return bool(moments) and min(moments) <= datetime.now(UTC) - timedelta(days=days)


def purge(installation: Installation, say: Say, rounds: int = ROUNDS, pause_seconds: float = PAUSE_SECONDS) -> Purged:
    """Write all files anew from which people were erased, and note in the receipts what is gone."""
    engine = installation.engine_of(Role.ERASER)
    purged = Purged()
    with held(engine, PRIVACY), held(engine, CANDIDATE), held(engine, RETENTION):
        write_beside_backups(installation, say)
        with engine.connect() as connection:
            waiting, asked = erased_relations(connection), unfinished_erasures(connection)
            days = _days_to_build(connection)
        if not waiting and not asked:
            return purged
        if days:
            # Figures may still name them.
            purged.left += [f"marts: {days} days are still to be built again"]
            waiting = [each for each in waiting if not each.name.startswith("marts.") and each.name != STATISTICS]
        purged.left += _rewrite_all(installation, waiting, purged, say, rounds, pause_seconds)
        reach("purge:rewritten")
        if reason := forget_log(installation.engine):
            purged.left.append(f"write-ahead log: {reason}")
        for each in purged.left:
            say(f"left       {each}")
        with engine.begin() as connection:
            for request_id, receipt in asked.items():
                receipt.bytes_left = purged.left
                receipt.bytes_gone_at = None if purged.left else datetime.now(UTC)
                note(connection, request_id, receipt)
                write_receipt(installation.settings, request_id, "done", receipt)
        purged.requests = 0 if purged.left else len(asked)
    return purged


def _rewrite_all(
    installation: Installation,
    waiting: list[ErasedRelation],
    purged: Purged,
    say: Say,
    rounds: int,
    pause_seconds: float,
) -> list[str]:
    """Write the tables anew, those in use in a later round, and return what is left with the reasons."""
    reasons: dict[ErasedRelation, str] = {}
    for number in range(rounds):
        if number and reasons:
            time.sleep(pause_seconds)
        for each in waiting if not number else list(reasons):
            started = time.monotonic()
            reasons.pop(each, None)
            if each.name == STATISTICS and reasons:
                reasons[each] = "comes after all tables"  # Each of them replaces its own when it is analysed.
                continue
            if reason := rewrite(installation.engine, each.name):
                reasons[each] = reason
                continue
            purged.seconds[each.name] = time.monotonic() - started
            say(f"rewritten  {each.name} in {purged.seconds[each.name]:.1f} s")
            with installation.engine_of(Role.ERASER).begin() as connection:
                forget(connection, each)
            reach("purge:table")
        if not reasons:
            break
    return [f"{each.name}: {reason}" for each, reason in reasons.items()]


def _days_to_build(connection: Connection) -> int:
    return connection.execute(
        text("select count(distinct event_date) from ops.dirty_days where cause = 'erasure'")
    ).scalar_one()
