"""Acts all scenarios of a run out, each on a site of its own, several browsers at a time; then one night for all."""

import queue
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from ingestion.event.validate import LandedEvent
from tests.support.browser.devtools import Browser
from tests.support.browser.person import Person, Play, Published
from tests.support.browser.screen import screen
from tests.support.browser.website import Website
from tests.support.database import rows
from tests.support.ingestion.running_collector import RunningCollector, wait_until
from warehouse.access.sites import add_site, set_identity, write_registry

BROWSERS = 8
"""People mostly wait."""
QUIET_SECONDS = 3


def noon_zone(now: datetime) -> str:
    """A timezone in which it is about noon: no scenario runs over midnight."""
    return f"Etc/GMT{now.hour - 12:+d}"


@dataclass
class Stage:
    """Where scenarios are acted out."""

    installation: Installation
    collector: RunningCollector
    website: Website
    browsers: "queue.Queue[Browser]" = field(default_factory=queue.Queue)
    acts: dict[str, Iterator[Any]] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    landed: list[LandedEvent] = field(default_factory=list)
    premises: list[str] = field(default_factory=list)

    def play(self, plays: Sequence[Play], profiles: Path) -> None:
        """Act all of them out, premises and the longest first, and publish what came of it.

        Args:
            plays: the scenarios.
            profiles: the folder for the browsers' profiles.
        """
        ordered = sorted(plays, key=lambda play: (not play.is_premise, -play.seconds))
        self.premises = [play.site for play in ordered if play.is_premise]
        keys = self._add_sites(ordered)
        with ExitStack() as kept:
            for number in range(min(BROWSERS, len(ordered))):
                display = kept.enter_context(screen())
                self.browsers.put(kept.enter_context(Browser(display, profiles / str(number))))
            with ThreadPoolExecutor(BROWSERS) as pool:
                list(pool.map(lambda play: self._act(play, keys[play.site]), ordered))
            self._wait_for_quiet()
        self.landed = self.collector.events()
        night.nightly(self.installation, say=lambda line: None)

    def end(self, play: Play) -> None:
        """Give a scenario what was published, and let it compare."""
        site = play.site
        if fault := self.faults.get(site):
            raise fault
        for premise in self.premises:
            assert premise not in self.faults, f"nothing is tested here: {premise}"
        # An event whose answer was lost lands again, as it was.
        landed = {event.event_id: event for event in self.landed if event.site_id == site}
        try:
            self.acts[site].send(Published(site, list(landed.values()), partial(rows, self.installation.engine)))
        except StopIteration:
            return
        raise AssertionError("a scenario has one night")

    def _add_sites(self, plays: list[Play]) -> dict[str, str]:
        zone = noon_zone(datetime.now(UTC))
        with self.installation.engine.begin() as connection:
            keys = {play.site: add_site(connection, play.site, zone) for play in plays}
            for play in plays:
                set_identity(connection, play.site, play.identity)
            write_registry(connection, self.installation.settings.site_registry)
        wait_until(lambda: self.collector.post(key=next(iter(keys.values()))).status_code != 401)
        return keys

    def _act(self, play: Play, key: str) -> None:
        site = play.site
        browser = self.browsers.get()
        person = Person(browser, self.website, self.collector.url, site, key, lambda: self._events(site))
        try:
            self.acts[site] = play.act(person)
            try:
                next(self.acts[site])
            finally:
                person.leave()
        except Exception as fault:
            self.faults[site] = fault
        finally:
            self.browsers.put(browser)

    def _events(self, site: str) -> list[LandedEvent]:
        return [event for event in self.collector.events() if event.site_id == site]

    def _wait_for_quiet(self) -> None:
        """Wait until nothing has landed for a while."""
        count, since = -1, time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            time.sleep(0.2)
            if (now := len(self.collector.landed())) != count:
                count, since = now, time.monotonic()
