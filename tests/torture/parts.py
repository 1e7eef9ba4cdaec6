"""The two parts of the torture: every named fault through a real night, and a storm of kills under load."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.crash_matrix import (
    BEGINNING,
    BUILDING,
    CHECKED,
    CHECKING,
    CRASHED_CHECKS,
    LOADING,
    PUBLISHED,
    PUBLISHING,
)
from tests.support.installation import contents
from tests.torture.clients import Clients
from tests.torture.collector import Collector
from tests.torture.nights import Nights, finish, start
from tests.torture.verdict import violations
from warehouse.access.sites import rotate_key, write_registry

Say = Callable[[str], None]

OF_NIGHTS = (*BEGINNING, *BUILDING, *CHECKING, *CRASHED_CHECKS, *CHECKED, *PUBLISHING, *PUBLISHED)


def named_faults(installation: Installation, chance: random.Random, deadline: float, say: Say) -> list[str]:
    """Every fault of the matrix hits a real `footfall load` or `footfall nightly`; nothing is repaired in between."""
    began = time.monotonic()
    landing, landed, wrong, done = Landing(installation.settings.landing), set(), [], 0
    faults = [("load", fault) for fault in LOADING] + [("nightly", fault) for fault in OF_NIGHTS]
    chance.shuffle(faults)
    landing.land(event(datetime.now(UTC) - timedelta(days=1), event_id="first"))
    landed.add("first")
    night.nightly(installation, say=lambda line: None)
    for command, fault in faults:
        if time.monotonic() > deadline:
            break
        for number in range(3):
            at = datetime.now(UTC) - timedelta(hours=1) - chance.random() * timedelta(days=2)
            batch = [event(at + n * timedelta(minutes=7), f"d{n}", event_id=f"{fault}/{number}/{n}") for n in range(4)]
            landed.update(fields["event_id"] for fields in batch)
            landing.land(*batch)
        before = contents(installation)
        code, _ = finish(start(installation, command, fault))
        if code != (-9 if fault.endswith("=kill") else 1):
            wrong.append(f"{fault} ended with {code}")
        if fault not in PUBLISHED and contents(installation) != before:
            wrong.append(f"{fault} changed the marts")
        done += 1
    night.nightly(installation, say=lambda line: None)
    say(f"named faults  {done} of {len(faults)}, {time.monotonic() - began:.0f} s")
    return [*wrong, *violations(installation, landed, landed)]


def storm(
    installation: Installation, kills: int, nights: int, seed: int, deadline: float, say: Say, events: int = 0
) -> list[str]:
    """Clients post all the time; collector, loads and nights are killed at random moments, all at once.

    Afterwards the clients go on until `events` are acknowledged, and loads are killed meanwhile.
    """
    began = time.monotonic()
    with installation.engine.begin() as connection:
        key = rotate_key(connection, "shop")
        installation.settings.home.mkdir(parents=True, exist_ok=True)
        write_registry(connection, installation.settings.site_registry)
    collector, killed = (
        Collector(installation.settings, random.Random(seed)),
        Nights(installation, random.Random(seed + 1)),
    )
    enough = threading.Event()

    def is_over() -> bool:
        return enough.is_set() or time.monotonic() > deadline

    try:
        with Clients(collector.url, key, seed) as clients, ThreadPoolExecutor(3) as pool:
            loading = pool.submit(killed.torment_loads, is_over)
            both = [
                pool.submit(collector.torment, kills, lambda: len(clients.acknowledged), is_over),
                pool.submit(killed.torment, nights, is_over),
            ]
            try:
                for work in both:
                    work.result()
                while len(clients.acknowledged) < events and not is_over():
                    time.sleep(0.2)
            finally:
                enough.set()
            loading.result()
        status = collector.stop()
    finally:
        collector.kill()
    night.nightly(installation, say=lambda line: None)
    wrong = [*clients.unexpected, *killed.failures, *violations(installation, clients.acknowledged, clients.sent)]
    if status:
        wrong.append(f"the collector ended with {status} when it was asked to stop")
    say(f"collector     {_counts(collector.kills)}")
    say(f"nights        {_counts(killed.kills)}")
    say(f"loads         {killed.load_kills} kills beside them")
    lines, duplicates = _lines(installation)
    say(
        f"events        {len(clients.acknowledged):,} acknowledged, {len(clients.sent):,} sent;"
        f" {lines:,} lines landed, {duplicates:,} of them duplicates; {time.monotonic() - began:.0f} s"
    )
    return wrong


def _counts(kills: Counter[str]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in sorted(kills.items()))
    return f"{kills.total()} kills: {each}"


def _lines(installation: Installation) -> tuple[int, int]:
    """Of all loaded files, and those of them that were duplicates."""
    [found] = rows(
        installation.engine,
        "select sum(line_count)::int, sum(duplicate_count)::int from ops.landed_files where state = 'loaded'",
    )
    return found
