"""Load acknowledged events within seconds, until the client ends it. Builds and publishes nothing."""

import threading
import time
from collections.abc import Callable

import psycopg
from sqlalchemy.exc import OperationalError

from footfall.pipeline.installation import Installation
from footfall.pipeline.night import Say, load_waiting
from ingestion.collector.rates import Rates
from ingestion.landing.drain import open_segments
from ingestion.landing.reader import sealed_segments
from ingestion.landing.writer import ask_to_seal, recover
from ingestion.load.loader import LoadReport
from warehouse.postgres.roles import Role

LOOK_EVERY_SECONDS = 0.1
"""How often a follower looks for open and sealed segments."""
SEALS_PER_SECOND = 1
"""How often it asks to seal open segments, on average: each becomes a file to load and to keep for a week. After a
pause it may ask more often, so that a click is loaded at once."""
SEALED_SECONDS = 0.3
"""How long a collector may take to seal what it was asked to; before that it is not asked again."""
TIDY_EVERY_SECONDS = 10
"""How often it looks for what lies among the sealed segments and is none, where no segment waits."""
SAY_EVERY_SECONDS = 60
"""How often it says what it loaded, at most."""


def follow(
    installation: Installation,
    ended: threading.Event,
    say: Say,
    alarm: Callable[[list[str]], None] = lambda refused: None,
) -> None:
    """Load acknowledged events within seconds, until `ended`. Waits for a database or a disk that does not answer.

    A file that cannot be trusted is reported, also to `alarm`, and put aside, as in every load; the others are loaded.
    """
    landing = installation.settings.landing
    recover(landing)
    asked_at, tidied_at, said_at, silent = 0.0, 0.0, 0.0, ""
    seals = Rates(SEALS_PER_SECOND)
    loaded = LoadReport()
    while not ended.is_set():
        now = time.monotonic()
        try:
            is_due = now - asked_at > SEALED_SECONDS and open_segments(landing)
            if is_due and not seals.seconds_to_wait("seal"):
                ask_to_seal(landing)
                asked_at = now
            if sealed_segments(landing) or now - tidied_at > TIDY_EVERY_SECONDS:
                report = load_waiting(installation)
                tidied_at = now
                if silent:
                    say(f"{silent} answers again")
                silent = ""
                loaded.add(report)
                for refusal in report.refused:
                    say(f"refused {refusal}")
                if report.refused:
                    alarm(report.refused)
        except (OperationalError, psycopg.OperationalError, OSError) as error:
            if not silent:
                silent = "the landing zone" if isinstance(error, OSError) else "the database"
                reason = str(getattr(error, "orig", error)).strip()
                say(f"{silent} does not answer, what is landed waits for it: {reason}")
            installation.engine_of(Role.LOADER).dispose()
        if (loaded.files or loaded.refused) and now - said_at > SAY_EVERY_SECONDS:
            say(f"loaded {loaded}")
            loaded, said_at = LoadReport(), now
        ended.wait(LOOK_EVERY_SECONDS)
